import { PanelList } from '../../../../features/hmi/PanelList';

export default function Page() {
  return <PanelList />;
}
