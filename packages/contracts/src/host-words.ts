import { z } from 'zod';

/**
 * What a host says to people, by code; `{…}` are parameters. Messages carry code and parameters beside the English sentence:
 * the portal says it in the person's language, `mw` and older readers show the sentence.
 */
export const HOST_WORDS = {
  'build.starting': 'Starting',
  'build.package-index': 'Reading the package index',
  'build.download-kernel': 'Downloading the kernel',
  'build.download-console': 'Downloading the kernel and BusyBox',
  'build.install-desktop': 'Installing Debian with X and Tk',
  'build.unpack-kernel': 'Unpacking the kernel',
  'build.unpack-system': 'Unpacking the system',
  'build.initrd': 'Making the first root file system',
  'build.disk': 'Making the disk',
  'build.done': 'Done',
  'build.cancelled': 'Cancelled',
  'build.already-there': 'The template is there already',
  'need.program': 'The program {program} is missing. Install Debian’s package {package}.',
  'need.mirror': 'No package source of Debian {suite} with component {component} is configured below /etc/apt.',
  'need.root': 'Run as root, or install Debian’s package uidmap so that packages can be installed in a user name space.',
  'need.id-range':
    'The user {user} has no range in /etc/subuid and /etc/subgid. Add one with usermod --add-subuids 100000-165535 --add-subgids 100000-165535 {user}.',
  'need.name-spaces': 'This kernel does not let users make name spaces (kernel.unprivileged_userns_clone is 0).',
  'need.newer-agent': 'The host’s agent is older than this guest. Upgrade it.',
  'isolation.program-missing': 'the program {program} is missing',
  'isolation.refused': 'the system refuses it ({detail})',
} as const satisfies Readonly<Record<string, string>>;
export type HostWordsCode = keyof typeof HOST_WORDS;

/** Codes of a newer host are let through: the sentence beside them still tells. */
export const HostWordsSchema = z.object({
  code: z.string().max(60),
  parameters: z.record(z.string().max(30), z.string().max(300)).default({}),
});
export type HostWords = z.infer<typeof HostWordsSchema>;

export function hostWords(code: HostWordsCode, parameters: HostWords['parameters'] = {}): HostWords {
  return { code, parameters };
}

/** A template with its parameters in place; one that is not given stays visible. */
export function filledIn(template: string, { parameters }: Pick<HostWords, 'parameters'>): string {
  return template.replace(/\{(\w+)\}/g, (whole, name: string) => (Object.hasOwn(parameters, name) ? parameters[name]! : whole));
}

export function hostWordsInEnglish(words: HostWords): string {
  return Object.hasOwn(HOST_WORDS, words.code) ? filledIn(HOST_WORDS[words.code as HostWordsCode], words) : words.code;
}
