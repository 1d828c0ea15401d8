import { AGENT_PATH, ENROLMENT_TOKEN_VARIABLE, type EnrolmentToken } from '@millwright/contracts';

/** Where a new host reaches this broker. */
export interface Site {
  /** The origin by which the person who asks has reached it. */
  readonly asked: string;
  /** The origin that the front door announces. */
  readonly announced: string | undefined;
  /** Of the certificate that the host must be told to trust. */
  readonly certificatePath: string | undefined;
}

/** What to run on a new host so that it enrols with this token. */
export function enrolmentCommand(token: string, site: Site): Pick<EnrolmentToken, 'command' | 'certificatePath' | 'isLocalOnly'> {
  // Who sits at Millwright's own computer reaches it by an address that no other computer can use.
  const origin = isLoopback(site.asked) ? (site.announced ?? site.asked) : site.asked;
  const certificatePath = (origin.startsWith('https:') && site.certificatePath) || null;
  const variables = [
    ...(certificatePath ? [`NODE_EXTRA_CA_CERTS=${certificatePath.split('/').at(-1)}`] : []),
    `BROKER_URL=${origin.replace(/^http/, 'ws')}${AGENT_PATH}`,
    `${ENROLMENT_TOKEN_VARIABLE}=${token}`,
  ];
  return { command: `${variables.join(' ')} npm run host`, certificatePath, isLocalOnly: isLoopback(origin) };
}

const isLoopback = (origin: string): boolean => /^(localhost|127\.[\d.]+|\[::1\])$/.test(new URL(origin).hostname);
