import { ForcedPasswordChange } from '../../features/identity/ForcedPasswordChange';

export const metadata = { title: 'Change password' };

export default function PasswordPage() {
  return <ForcedPasswordChange />;
}
