import { MyDesktops } from '../../../../features/desktops/MyDesktops';

export default function DesktopsPage() {
  return <MyDesktops />;
}
