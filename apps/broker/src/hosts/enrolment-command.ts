import { AGENT_PATH, ENROLMENT_TOKEN_VARIABLE, type EnrolmentToken, failure } from '@millwright/contracts';

/** Where a new host reaches this broker. */
export interface Site {
  /** The origin by which the person who asks has reached it. */
  readonly asked: string;
  /** The origin that the front door announces. */
  readonly announced: string | undefined;
  /** Of the certificate that the host must be told to trust. */
  readonly certificatePath: string | undefined;
}

/** A Host header may be any text, and the command is for a shell: an origin of a name or an address, with or without a port. */
const ORIGIN = /^https?:\/\/([\w.-]+|\[[\da-f:.]+\])(:\d{1,5})?$/i;

/** What to run on a new host so that it enrols with this token. @throws PlatformError request.invalid when there is no address for it */
export function enrolmentCommand(token: string, site: Site): Pick<EnrolmentToken, 'command' | 'certificatePath' | 'isLocalOnly'> {
  // Who sits at Millwright's own computer reaches it by an address that no other computer can use.
  const asked = ORIGIN.test(site.asked) ? site.asked : undefined;
  const origin = asked && !isLoopback(asked) ? asked : (site.announced ?? asked);
  if (!origin) throw failure('request.invalid', 'Your request does not say by which address you reach Millwright.');
  const certificatePath = (origin.startsWith('https:') && site.certificatePath) || null;
  const variables = [
    ...(certificatePath ? [`NODE_EXTRA_CA_CERTS=${certificatePath.split('/').at(-1)}`] : []),
    `BROKER_URL=${origin.replace(/^http/, 'ws')}${AGENT_PATH}`,
    `${ENROLMENT_TOKEN_VARIABLE}=${token}`,
  ];
  return { command: `${variables.join(' ')} npm run host`, certificatePath, isLocalOnly: isLoopback(origin) };
}

const isLoopback = (origin: string): boolean => /^(localhost|127\.[\d.]+|\[::1\])$/.test(new URL(origin).hostname);
