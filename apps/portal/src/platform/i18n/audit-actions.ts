import { type AuditEntry, type ReportedState, ReportedStateSchema } from '@millwright/contracts';
import type { Locale } from './locale';

/** What the broker writes into the audit, in the words of the portal's pages. Unknown actions are shown as they are written. */
const ACTIONS: Readonly<Record<string, Readonly<Record<Locale, string>>>> = {
  'auth.login': { en: 'Signed in', zh: '登录' },
  'auth.logout': { en: 'Signed out', zh: '退出登录' },
  'auth.change-password': { en: 'Changed the password', zh: '修改密码' },
  'auth.create-token': { en: 'Created an API token', zh: '创建 API 令牌' },
  'auth.delete-token': { en: 'Deleted an API token', zh: '删除 API 令牌' },
  'user.create': { en: 'Created a user', zh: '创建用户' },
  'user.update': { en: 'Changed a user', zh: '修改用户' },
  'user.delete': { en: 'Deleted a user', zh: '删除用户' },
  'user.reset-password': { en: 'Reset a password', zh: '重置密码' },
  'host.issue-token': { en: 'Created an enrolment token for a new host', zh: '为新主机创建登记令牌' },
  'host.enrol': { en: 'Enrolled a host', zh: '登记主机' },
  'host.rename': { en: 'Renamed a host', zh: '重命名主机' },
  'host.delete': { en: 'Removed a host', zh: '移除主机' },
  'machine.create': { en: 'Created a machine', zh: '创建虚拟机' },
  'machine.update': { en: 'Changed a machine', zh: '修改虚拟机' },
  'machine.trash': { en: 'Moved a machine to the trash', zh: '将虚拟机移到回收站' },
  'machine.restore': { en: 'Restored a machine', zh: '恢复虚拟机' },
  'machine.delete': { en: 'Deleted a machine for good', zh: '永久删除虚拟机' },
  'machine.start': { en: 'Started a machine', zh: '启动虚拟机' },
  'machine.stop': { en: 'Powered a machine off', zh: '将虚拟机断电' },
  'machine.shutdown': { en: 'Asked a machine to shut down', zh: '要求虚拟机关机' },
  'machine.reset': { en: 'Reset a machine', zh: '复位虚拟机' },
  'machine.pause': { en: 'Paused a machine', zh: '暂停虚拟机' },
  'machine.resume': { en: 'Resumed a machine', zh: '继续运行虚拟机' },
  'machine.resend': { en: 'Repeated the last command to a machine', zh: '重复对虚拟机的上一条命令' },
  'machine.accept': { en: 'A machine changed its state by itself', zh: '虚拟机自行改变了状态' },
  'machine.save': { en: 'Saved a machine’s state', zh: '保存虚拟机状态' },
  'desktop.create': { en: 'Created a desktop', zh: '创建桌面' },
  'desktop.update': { en: 'Changed a desktop', zh: '修改桌面' },
  'desktop.delete': { en: 'Deleted a desktop', zh: '删除桌面' },
  'desktop.assign': { en: 'Assigned a desktop', zh: '分配桌面' },
  'desktop.unassign': { en: 'Took a desktop away', zh: '取消分配桌面' },
  'session.end': { en: 'Ended a session', zh: '结束会话' },
  'control.pass': { en: 'Handed over control', zh: '移交控制权' },
  'control.take': { en: 'Took control', zh: '取得控制权' },
  'ticket.issue.display': { en: 'Opened a screen', zh: '打开屏幕' },
  'ticket.issue.screenshot': { en: 'Saved a picture of a screen', zh: '保存屏幕画面' },
  'ticket.issue.serial': { en: 'Opened a serial console', zh: '打开串口控制台' },
  'image.upload': { en: 'Uploaded an image', zh: '上传镜像' },
  'image.rename': { en: 'Renamed an image', zh: '重命名镜像' },
  'image.delete': { en: 'Deleted an image', zh: '删除镜像' },
  'template.update': { en: 'Changed a template', zh: '修改模板' },
  'template.delete': { en: 'Deleted a template', zh: '删除模板' },
  'guest.build': { en: 'Began a guest build', zh: '开始构建客户系统' },
  'task.cancel': { en: 'Cancelled a task', zh: '取消任务' },
  'task.retry': { en: 'Retried a task', zh: '重试任务' },
};

/** @param stateWord names a machine's state; the host's reports are written as `machine.became-<state>` */
export function auditActionText(
  { action, detail }: Pick<AuditEntry, 'action' | 'detail'>,
  locale: Locale,
  stateWord: (state: ReportedState) => string,
): string {
  const became = ReportedStateSchema.safeParse(/^machine\.became-(.+)$/.exec(action)?.[1]);
  if (became.success) return `${{ en: 'Machine is now', zh: '虚拟机状态变为' }[locale]}: ${stateWord(became.data)}`;
  // A ticket is our word for what opens the way; what it was for is the person's.
  const words = ACTIONS[action === 'ticket.issue' ? `${action}.${detail['purpose']}` : action]?.[locale] ?? action;
  if (!action.startsWith('control.') || detail['to'] === undefined) return words;
  return `${words}: ${detail['from'] ?? '–'} → ${detail['to'] ?? '–'}`;
}
