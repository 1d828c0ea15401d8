import { assert, test } from 'vitest';
import { ControlLease, type HandOver, type LeaseMember } from './control-lease.js';

const member = (user: string, control = true, admin = false): LeaseMember => ({ user, name: user, rights: { view: true, control, admin } });

function lease() {
  const released: string[] = [];
  const handOvers: string[] = [];
  const control: ControlLease = new ControlLease(
    () => {},
    () => released.push('released'),
    ({ act, by, from, to }: HandOver) => handOvers.push(`${by.name}: ${act} ${from.name} ${to?.name}`),
  );
  return { control, released, handOvers };
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

test('what nobody holds belongs to the first that uses it and may; a viewer without the right stays out', () => {
  const { control } = lease();
  const [ada, bob, eve] = [member('ada'), member('bob'), member('eve', false)];
  control.join(ada);
  control.join(bob);
  control.join(eve);
  control.cut(ada);
  assert.isFalse(control.use(bob), 'the holder’s grace is not over');
  control.graceOver(ada);
  assert.isUndefined(control.holder);
  assert.isFalse(control.use(eve));
  assert.isTrue(control.use(bob));
  assert.isFalse(control.use(ada));
});

test('after the grace, control goes to the one who waits', () => {
  const { control } = lease();
  const [ada, bob, cyn] = [member('ada'), member('bob'), member('cyn')];
  for (const each of [ada, bob, cyn]) control.join(each);
  control.request(cyn);
  control.cut(ada);
  control.graceOver(ada);
  assert.isFalse(control.use(bob));
  assert.isTrue(control.holds(cyn));
});

test('who gave control up or lost it by an administrator’s word does not take it back with the next key, but by asking', () => {
  for (const end of ['handOver', 'passTo'] as const) {
    const { control } = lease();
    const [ada, bob] = [member('ada'), member('bob')];
    control.join(ada);
    control.join(bob);
    if (end === 'handOver') control.handOver(ada);
    else control.passTo(undefined);
    assert.isFalse(control.use(ada), end);
    assert.isUndefined(control.holder);
    control.request(ada);
    assert.isTrue(control.holds(ada), end);
    control.handOver(ada);
    assert.isTrue(control.use(bob), end);
  }
});

test('what a person does to control is told with who, from whom and to whom; what happens by itself or by the host is not', () => {
  const { control, handOvers } = lease();
  const [ada, bob, cyn] = [member('ada'), member('bob'), member('cyn', true, true)];
  for (const each of [ada, bob, cyn]) control.join(each);
  control.request(bob);
  control.handOver(ada);
  control.take(cyn);
  control.handOver(cyn);
  control.take(cyn);
  control.passTo('ada');
  control.request(bob);
  control.handOver(cyn);
  control.leave(bob);
  assert.deepEqual(handOvers, ['ada: hand-over ada bob', 'cyn: take bob cyn', 'cyn: hand-over cyn undefined', 'cyn: hand-over ada bob']);
});
