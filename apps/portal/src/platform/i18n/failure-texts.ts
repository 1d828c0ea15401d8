import { FAILURE_CODES, type FailureCode } from '@millwright/contracts';
import type { Locale } from './locale';

/**
 * Failures in words, by code. English needs no table: the server's own sentence is English and often more exact
 * (it names the machines that use an image). Other languages have one sentence per code.
 */
const TEXTS: Readonly<Record<Exclude<Locale, 'en'>, Readonly<Record<FailureCode, string>>>> = {
  zh: {
    'request.invalid': '请求格式不正确。',
    'request.missing': '此地址没有内容。',
    'request.too-large': '请求过大。',
    'request.foreign-origin': '请求来自其他网站。',
    'request.throttled': '尝试次数过多，请等待一分钟后再试。',
    'auth.required': '请先登录。',
    'auth.wrong-credentials': '用户名或密码错误。',
    'auth.password-change-required': '请先修改密码。',
    'auth.wrong-password': '当前密码错误。',
    'auth.password-unchanged': '新密码必须与当前密码不同。',
    'auth.denied': '您无权执行此操作。',
    'auth.token-missing': '没有这个 API 令牌。',
    'user.missing': '没有这个用户。',
    'user.name-taken': '已有用户使用此名称。',
    'user.last-admin': '这是最后一位有效的管理员，请先指定另一位。',
    'host.missing': '没有这台主机。',
    'host.unknown': '服务端不认识这台主机，请重新登记。',
    'host.token-refused': '登记令牌未知、已使用或已过期，请创建新的令牌。',
    'host.version-unsupported': '主机使用另一版本的协议，请升级。',
    'host.superseded': '同一主机已重新连接。',
    'host.offline': '主机当前未连接，请在其恢复后重试。',
    'host.leaving': '主机正在结束运行，不再接受命令；恢复后会执行。',
    'host.in-use': '此主机上仍有虚拟机，请先删除。',
    'template.missing': '没有这个模板。',
    'template.in-use': '仍有虚拟机使用此模板，请先删除它们。',
    'template.builtin': '此模板是产品的一部分，无法删除。',
    'image.missing': '没有这个镜像。',
    'image.not-ready': '镜像尚未就绪。',
    'image.in-use': '仍有虚拟机使用此镜像，请先删除它们。',
    'image.too-large': '镜像超过系统允许的大小。',
    'image.bad-format': '该文件既不是原始磁盘，也不是 ISO 或软盘镜像。',
    'image.hash-mismatch': '收到的文件与声明的 SHA-256 不符，请重新上传。',
    'machine.missing': '没有这台虚拟机。',
    'machine.name-taken': '已有虚拟机使用此名称。',
    'machine.wrong-state': '虚拟机当前状态不允许此操作。',
    'machine.trashed': '虚拟机在回收站中，请先恢复。',
    'machine.not-trashed': '虚拟机不在回收站中。',
    'machine.process-died': '虚拟机进程意外结束，请重新启动。',
    'machine.process-stuck': '虚拟机进程无法结束，请重新启动其主机。',
    'machine.no-capacity': '当前没有已连接的主机能容纳此虚拟机。',
    'desktop.missing': '没有这个桌面。',
    'desktop.name-taken': '已有桌面使用此名称。',
    'session.missing': '没有这个会话。',
    'session.ended': '会话已结束，请重新打开桌面。',
    'control.not-holder': '只有控制者或管理员可以移交控制权。',
    'ticket.refused': '票据在此无效，请重新打开桌面。',
    'ticket.used': '票据已使用，请重新打开桌面。',
    'ticket.expired': '票据已过期，请重新打开桌面。',
    'snapshot.disk-changed': '保存状态后磁盘已被写入，无法恢复。请重新启动虚拟机。',
    'snapshot.not-written': '状态无法保存，虚拟机未受影响。请检查主机的可用磁盘空间。',
    'snapshot.bad-file': '保存的状态已损坏，无法恢复。请重新启动虚拟机。',
    'snapshot.version': '保存的状态由另一版本写入，无法恢复。请重新启动虚拟机。',
    'medium.failed': '虚拟机的磁盘、光盘、软盘或内核映像无法打开。',
    'engine.defect': '虚拟机自身出现缺陷，详情见其日志。',
    'guest.unknown-recipe': '没有这个客户系统配方。',
    'guest.already-building': '此客户系统正在构建。',
    'guest.no-builder': '没有已连接的主机能构建此客户系统。',
    'guest.build-failed': '构建失败，原因见日志。',
    'task.missing': '没有这个任务。',
    'task.finished': '任务已经结束。',
    'task.not-finished': '任务没有失败，无需重试。',
    'task.interrupted': '任务被中断，请重试。',
    'platform.unavailable': '服务当前不可用，请稍后重试。',
    'platform.defect': '服务端出现问题，详情见日志。',
  },
};

/** What happened and what to do, in the person's language. */
export function failureText(failure: { readonly code: string; readonly message: string }, locale: Locale): string {
  if (locale === 'en' || !Object.hasOwn(FAILURE_CODES, failure.code)) return failure.message;
  return TEXTS[locale][failure.code as FailureCode];
}
