import { PAGE_LIMIT } from '@millwright/contracts';
import { usage } from '../command-error.js';
import { moment, oneOf, wholeNumber } from '../terminal/format.js';
import { textTable } from '../terminal/text-table.js';
import type { Noun } from '../tools.js';
import { findUser } from './users.js';

interface AuditOptions {
  readonly limit: string;
  readonly cursor?: string;
  readonly actor?: string;
  readonly action?: string;
  readonly subject?: string;
  readonly outcome?: string;
  readonly from?: string;
  readonly to?: string;
}

export const audit: Noun = (program, tools) => {
  program
    .command('audit')
    .description('Who did what, newest first.')
    .option('--limit <n>', `entries, at most ${PAGE_LIMIT.max}`, '50')
    .option('--cursor <text>', 'go on where the last page ended (nextCursor of --json)')
    .option('--actor <user>', 'by one person')
    .option('--action <action>', 'machine.start, or its beginning: machine')
    .option('--subject <id>', 'on one object, by id')
    .option('--outcome <outcome>', 'done or refused')
    .option('--from <time>', 'not before, like 2026-03-01 or 2026-03-01T14:00')
    .option('--to <time>', 'not after')
    .action(async (options: AuditOptions) => {
      const { client, out } = tools();
      const page = await client.call('listAudit', {}, undefined, {
        limit: String(wholeNumber('--limit', options.limit, 1, PAGE_LIMIT.max)),
        cursor: options.cursor,
        actorId: options.actor === undefined ? undefined : (await findUser(client, options.actor)).id,
        action: options.action,
        subjectId: options.subject,
        outcome: options.outcome === undefined ? undefined : oneOf('--outcome', options.outcome, ['done', 'refused']),
        from: instant('--from', options.from),
        to: instant('--to', options.to),
      });
      const rows = page.items.map(({ at, actorName, action, outcome, subjectKind, subjectName, subjectId, address }) => [
        moment(at),
        actorName,
        action,
        outcome,
        subjectKind ? `${subjectKind} ${subjectName ?? subjectId ?? ''}` : '-',
        address ?? '-',
      ]);
      out.result(page, textTable(['WHEN', 'WHO', 'WHAT', 'OUTCOME', 'ON', 'FROM'], rows));
      if (page.nextCursor !== null) out.note(`More: --cursor ${page.nextCursor}`);
    });
};

/** Local time as typed → ISO 8601 in UTC. @throws CommandError */
function instant(option: string, text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  // A bare date is midnight here, not in Greenwich.
  const date = new Date(/^\d{4}-\d{2}-\d{2}$/.test(text) ? `${text}T00:00` : text);
  if (Number.isNaN(date.getTime())) throw usage(`${option} ${text}: give a time like 2026-03-01 or 2026-03-01T14:00.`);
  return date.toISOString();
}
