import { MyDesktops } from '../../../../features/desktops/MyDesktops';

export const metadata = { title: 'My desktops' };

export default function DesktopsPage() {
  return <MyDesktops />;
}
