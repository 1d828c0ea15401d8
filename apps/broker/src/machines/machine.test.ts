import {
  type HostId,
  type MachineCondition,
  MachineConditionSchema,
  type MachineId,
  MachineSpecSchema,
  type MachineVerb,
  type WantedState,
} from '@millwright/contracts';
import { assert, test } from 'vitest';
import { discrepancy, isChanging, isUp, type MachineRecord, NOBODY, operationOf, stateOf } from './machine.js';

function machine(wanted: WantedState, condition: Partial<MachineCondition> | null, change: Partial<MachineRecord> = {}): MachineRecord {
  return {
    id: 'a0000000-0000-4000-8000-000000000001' as MachineId,
    name: 'm',
    spec: MachineSpecSchema.parse({ memoryMiB: 64 }),
    templateId: null,
    hostId: 'b0000000-0000-4000-8000-000000000001' as HostId,
    epoch: 1,
    wanted,
    generation: 5,
    condition: condition && MachineConditionSchema.parse({ state: 'stopped', generation: 5, ...condition }),
    control: NOBODY,
    lastHandOver: null,
    createdBy: null,
    createdAt: new Date(0),
    trashedAt: null,
    ...change,
  };
}
const FAULT = { code: 'machine.process-died', message: 'died' };

test.each([
  ['never heard of, and stopped anyway', machine('stopped', null), 'none'],
  ['never heard of, wanted running', machine('running', null), 'send'],
  ['the host is behind', machine('running', { generation: 4 }), 'send'],
  ['as wanted', machine('running', { state: 'running' }), 'none'],
  ['on its way', machine('running', { state: 'starting' }), 'none'],
  ['the guest powered off', machine('running', { state: 'stopped', stopReason: 'guest-powered-off' }), { accept: 'stopped' }],
  ['the guest crashed', machine('running', { state: 'stopped', stopReason: 'guest-crashed' }), { accept: 'stopped' }],
  ['the host powered it off while it ended', machine('running', { state: 'stopped', stopReason: 'requested' }), 'want-again'],
  ['the host saved it while it ended', machine('running', { state: 'saved' }), 'want-again'],
  ['its process died', machine('running', { state: 'failed', error: FAULT }), 'none'],
  ['it could not start', machine('running', { state: 'stopped', error: FAULT }), 'none'],
  ['saving failed and it runs on', machine('saved', { state: 'running', error: FAULT }), { accept: 'running' }],
  ['powered off just before it was saved', machine('saved', { state: 'stopped' }), { accept: 'stopped' }],
  ['runs although it should not', machine('stopped', { state: 'running' }), 'want-again'],
  ['not yet gone', machine('absent', { state: 'stopped', stopReason: 'requested' }), 'want-again'],
  ['gone', machine('absent', { state: 'absent' }), 'none'],
] as const)('discrepancy: %s', (_case, given, expected) => {
  assert.deepEqual(discrepancy(given), expected);
});

test.each([
  ['start', machine('stopped', null), { want: 'running' }],
  ['start', machine('running', { state: 'failed', error: FAULT }), { want: 'running' }],
  ['start', machine('saved', { state: 'saved' }), { want: 'running' }],
  ['stop', machine('running', { generation: 4 }), { want: 'stopped' }],
  ['stop', machine('saved', { state: 'saved' }), { want: 'stopped' }],
  ['shutdown', machine('running', { state: 'running' }), { press: 'press-power-button' }],
  ['reset', machine('paused', { state: 'paused' }), { press: 'reset-machine' }],
  ['pause', machine('running', { state: 'running' }), { want: 'paused' }],
  ['resume', machine('paused', { state: 'paused' }), { want: 'running' }],
  ['save', machine('running', { state: 'running' }), { want: 'saved' }],
] as const)('%s is understood', (verb, given, expected) => {
  assert.deepEqual(operationOf(given, verb), expected);
});

test.each([
  ['start', machine('running', { state: 'running' })],
  ['start', machine('running', { generation: 4 })],
  ['stop', machine('stopped', { state: 'stopped' })],
  ['shutdown', machine('stopped', { state: 'stopped' })],
  ['reset', machine('running', { state: 'starting' })],
  ['pause', machine('paused', { state: 'paused' })],
  ['resume', machine('running', { state: 'running' })],
  ['save', machine('stopped', null)],
] as [MachineVerb, MachineRecord][])('%s at the wrong moment is a conflict', (verb, given) => {
  assert.throws(() => operationOf(given, verb), /cannot/);
});

test('a trashed machine obeys no verb', () => {
  assert.throws(() => operationOf(machine('stopped', null, { trashedAt: new Date() }), 'start'), /trash/);
});

test('the badge: pending until the host has heard, unreachable without the host', () => {
  assert.equal(stateOf(machine('running', { generation: 4 }), true), 'pending');
  assert.equal(stateOf(machine('running', { state: 'running' }), false), 'unreachable');
  assert.equal(stateOf(machine('running', { state: 'failed', error: FAULT }), true), 'failed');
  assert.isTrue(isChanging(machine('running', { state: 'starting' })));
  assert.isFalse(isChanging(machine('running', { state: 'running' })));
});

test.each([
  ['saved while its host ended', machine('running', { state: 'saved' }), 'saved'],
  ['stopped', machine('stopped', { state: 'stopped' }), 'stopped'],
  ['saved, and wanted otherwise since', machine('stopped', { state: 'saved', generation: 4 }), 'unreachable'],
  ['being saved when the line was cut', machine('running', { state: 'saving' }), 'unreachable'],
] as const)('the badge without the host, of a machine %s', (_case, given, badge) => {
  assert.equal(stateOf(given, false), badge);
});

test('a failed machine holds no memory', () => {
  assert.isFalse(isUp(machine('running', { state: 'failed', error: FAULT })));
  assert.isTrue(isUp(machine('running', { generation: 4 })));
});
