import { z } from 'zod';
import { FailureReportSchema } from '../errors/problem.js';
import { CommandIdSchema, DisplayNameSchema, HostIdSchema, InstantSchema } from '../ids.js';
import { HostCommandSchema } from './commands.js';
import { HostFactsSchema, HostLoadSchema } from './host-facts.js';
import { FullReportSchema, ImageReportSchema, MachineReportSchema, TaskReportSchema } from './reports.js';

/*
 * The agent dials the broker: one WebSocket on AGENT_PATH, one JSON object per text message.
 *
 *   agent                                    broker
 *   enrol {token} (once)          ──►        enrolled {hostId, secret}; the agent stores it (0600), the socket goes on
 *   hello {hostId, secret, facts} ──►        welcome {ticketKeys, heartbeatMs, viewerToken?}, or refused {code} and close
 *   report (everything)           ──►        command … (also those sent before and not yet answered)
 *   machine / image / task        ──►        each time one of them changes
 *   acknowledgement, result       ◄─►        per command id; a result ends it
 *   heartbeat                     ──►        every heartbeatMs; three missed ones close the socket
 *   leaving                       ──►        the agent is ending: it saves its machines and reports them, and the broker
 *                                            sends no command until the next hello (which resumes what it wants running).
 *                                            The agent does not dial again; a command that crossed its `leaving` has the
 *                                            result `host.leaving`, which does not end it: it is sent after that hello
 *
 * `refused` with `host.unknown` means: enrol again if you have a token. A newer broker accepts every version it lists
 * in AGENT_PROTOCOL.accepted; unknown keys are ignored on both sides, unknown types are answered with nothing.
 */
export const AGENT_PROTOCOL = { version: 1, accepted: [1] as readonly number[] } as const;
/** A full report of a large host fits; nothing larger is read. */
export const AGENT_MESSAGE_MAX_BYTES = 4 * 2 ** 20;
/** The first message is due within this time. */
export const AGENT_HELLO_TIMEOUT_MS = 10_000;

/** An Ed25519 public key with which the broker signs tickets (RFC 8037). */
export const TicketKeySchema = z.object({ kty: z.literal('OKP'), crv: z.literal('Ed25519'), x: z.string().regex(/^[A-Za-z0-9_-]{43}$/) });
export type TicketKey = z.infer<typeof TicketKeySchema>;

const Secret = z.string().min(20).max(200);

export const AgentMessageSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('enrol'), protocol: z.number().int(), token: Secret, name: DisplayNameSchema }),
  z.object({ type: z.literal('hello'), protocol: z.number().int(), hostId: HostIdSchema, secret: Secret, facts: HostFactsSchema }),
  z.object({ type: z.literal('report'), report: FullReportSchema }),
  z.object({ type: z.literal('machine'), machine: MachineReportSchema }),
  z.object({ type: z.literal('image'), image: ImageReportSchema }),
  z.object({ type: z.literal('task'), task: TaskReportSchema }),
  z.object({ type: z.literal('heartbeat'), load: HostLoadSchema }),
  z.object({ type: z.literal('leaving') }),
  z.object({ type: z.literal('acknowledgement'), commandId: CommandIdSchema }),
  z.object({ type: z.literal('result'), commandId: CommandIdSchema, error: FailureReportSchema.nullable() }),
]);
export type AgentMessage = z.infer<typeof AgentMessageSchema>;

export const BrokerMessageSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('enrolled'), hostId: HostIdSchema, secret: Secret }),
  z.object({
    type: z.literal('welcome'),
    protocol: z.number().int(),
    /** Tickets are good when any of these verifies them. */
    ticketKeys: z.array(TicketKeySchema).min(1).max(10),
    heartbeatMs: z.number().int().min(100).max(60_000),
    now: InstantSchema,
    /** For a host that is not beside the front door: opens VIEWER_LINE_PATH. The one before it ends. */
    viewerToken: Secret.optional(),
  }),
  z.object({ type: z.literal('refused'), code: z.string().max(100), message: z.string().max(2000) }),
  z.object({ type: z.literal('command'), id: CommandIdSchema, command: HostCommandSchema }),
]);
export type BrokerMessage = z.infer<typeof BrokerMessageSchema>;
