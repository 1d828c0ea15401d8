import type { TaskDetail } from '@millwright/contracts';
import { waitForTask } from '../broker/wait.js';
import { CommandError } from '../command-error.js';
import { moment } from '../terminal/format.js';
import { textRecord, textTable } from '../terminal/text-table.js';
import type { Noun } from '../tools.js';

/** The task, if it did what it was for. @throws CommandError */
export function demandSuccess(task: TaskDetail): TaskDetail {
  if (task.state === 'succeeded') return task;
  const why = task.error ? `: ${task.error.message}` : '';
  throw new CommandError(
    `${task.title} ${task.state}${why}. mw task show ${task.id} has its log; mw task retry ${task.id} tries again.`,
    1,
    task.error?.code,
  );
}

export const task: Noun = (program, tools) => {
  const noun = program.command('task').alias('tasks').description('Long work: watch, cancel, repeat.');

  noun
    .command('list')
    .description('The newest tasks.')
    .action(async () => {
      const { client, out } = tools();
      const items = await client.list('listTasks');
      const rows = items.map((each) => [
        each.title,
        each.state,
        `${Math.round(each.progress)} %`,
        each.message,
        moment(each.createdAt),
        each.id,
      ]);
      out.result({ items, nextCursor: null }, textTable(['TASK', 'STATE', 'DONE', 'NOW', 'SINCE', 'ID'], rows));
    });

  noun
    .command('show <id>')
    .description('One task with the end of its log.')
    .action(async (id: string) => {
      const { client, out } = tools();
      const found = await client.call('getTask', { id });
      out.result(found, describe(found));
    });

  for (const [verb, route] of [
    ['cancel', 'cancelTask'],
    ['retry', 'retryTask'],
  ] as const) {
    noun
      .command(`${verb} <id>`)
      .description(verb === 'cancel' ? 'Stop a task.' : 'Begin a failed task again.')
      .action(async (id: string) => {
        const { client, out } = tools();
        const changed = await client.call(route, { id });
        out.result(changed, `${changed.title}: ${changed.state}`);
      });
  }

  noun
    .command('wait <id>')
    .description('Stay until a task is done; status 1 when it failed or was cancelled.')
    .action(async (id: string) => {
      const { client, out } = tools();
      const ended = demandSuccess(await waitForTask(client, out, id));
      out.result(ended, `${ended.title}: done`);
    });
};

function describe(found: TaskDetail): string {
  const fields = textRecord([
    ['Task', found.title],
    ['State', `${found.state}, ${Math.round(found.progress)} %`],
    ['Now', found.message],
    ['Problem', found.error ? `${found.error.message} (${found.error.code})` : undefined],
    ['Attempt', String(found.attempt)],
    ['Begun', moment(found.startedAt)],
    ['Ended', moment(found.finishedAt)],
    ['Id', found.id],
  ]);
  return found.log.length > 0 ? `${fields}\n\n${found.log.join('\n')}` : fields;
}
