import { ForcedPasswordChange } from '../../features/identity/ForcedPasswordChange';

export default function PasswordPage() {
  return <ForcedPasswordChange />;
}
