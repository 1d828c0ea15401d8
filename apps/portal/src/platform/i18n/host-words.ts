import { filledIn, HOST_WORDS, type HostWords, type HostWordsCode } from '@millwright/contracts';
import type { Locale } from './locale';

/** What hosts say, by code. English needs no table: the sentence comes with the message. */
const WORDS: Readonly<Record<Exclude<Locale, 'en'>, Readonly<Record<HostWordsCode, string>>>> = {
  zh: {
    'build.starting': '正在启动',
    'build.package-index': '正在读取软件包索引',
    'build.download-kernel': '正在下载内核',
    'build.download-console': '正在下载内核和 BusyBox',
    'build.install-desktop': '正在安装带 X 和 Tk 的 Debian',
    'build.unpack-kernel': '正在解包内核',
    'build.unpack-system': '正在解包系统',
    'build.initrd': '正在制作初始根文件系统',
    'build.disk': '正在制作磁盘',
    'build.done': '已完成',
    'build.cancelled': '已取消',
    'build.already-there': '模板已存在',
    'need.program': '缺少程序 {program}，请安装 Debian 软件包 {package}。',
    'need.mirror': '/etc/apt 中没有配置 Debian {suite}（组件 {component}）的软件源。',
    'need.root': '请以 root 身份运行，或安装 Debian 软件包 uidmap，以便在用户命名空间中安装软件包。',
    'need.id-range':
      '用户 {user} 在 /etc/subuid 和 /etc/subgid 中没有编号范围，请运行 usermod --add-subuids 100000-165535 --add-subgids 100000-165535 {user} 添加。',
    'need.name-spaces': '此内核不允许用户创建命名空间（kernel.unprivileged_userns_clone 为 0）。',
    'need.newer-agent': '主机的代理程序版本过旧，不认识此客户系统，请升级。',
    'isolation.program-missing': '缺少程序 {program}',
    'isolation.refused': '系统拒绝（{detail}）',
  },
};

/** @param sentence what the host said in English; shown when it came without words, or with words that we do not know yet */
export function hostWordsText(words: HostWords | null | undefined, sentence: string, locale: Locale): string {
  if (locale === 'en' || !words || !Object.hasOwn(HOST_WORDS, words.code)) return sentence;
  return filledIn(WORDS[locale][words.code as HostWordsCode], words);
}
