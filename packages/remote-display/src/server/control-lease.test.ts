import { assert, test } from 'vitest';
import { ControlLease, type LeaseMember } from './control-lease.js';

const member = (user: string, control = true, admin = false): LeaseMember => ({ user, name: user, rights: { view: true, control, admin } });

function lease() {
  const released: string[] = [];
  const control: ControlLease = new ControlLease(
    () => {},
    () => released.push('released'),
  );
  return { control, released };
}

test('the first that may control holds; the host passes control on and lets go of held keys', () => {
  const { control, released } = lease();
  const [ada, bob] = [member('ada'), member('bob')];
  control.join(ada);
  control.join(bob);
  assert.isTrue(control.holds(ada));
  assert.isTrue(control.passTo('bob'));
  assert.isTrue(control.holds(bob));
  assert.deepEqual(released, ['released']);
});

test('control does not pass to a viewer or to somebody who is not there', () => {
  const { control } = lease();
  const ada = member('ada');
  control.join(ada);
  control.join(member('eve', false));
  assert.isFalse(control.passTo('eve'));
  assert.isFalse(control.passTo('nobody'));
  assert.isTrue(control.holds(ada));
});

test('taken from everybody, control is free for the next that asks', () => {
  const { control } = lease();
  const [ada, bob] = [member('ada'), member('bob')];
  control.join(ada);
  control.join(bob);
  assert.isTrue(control.passTo(undefined));
  assert.isUndefined(control.holder);
  control.request(bob);
  assert.isTrue(control.holds(bob));
});
