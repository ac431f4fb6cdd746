/** Describes an error of the operating system; returns undefined for other errors. */
export function systemErrorText(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string') return undefined
  const { code } = error
  if (!/^E[A-Z0-9]+$/.test(code)) return undefined
  return `${words[code] ?? error.message.split('\n')[0]} (${code})`
}

const words: Readonly<Record<string, string>> = {
  EACCES: 'this user may not',
  EPERM: 'this user may not',
  EROFS: 'its file system is read-only',
  ENOSPC: 'its disk is full',
  EDQUOT: 'the quota of this user is used up',
  EIO: 'its disk or terminal failed',
  ENOENT: 'it is not there, and cannot be made',
  ENOTDIR: 'it is a file and no folder, or below one',
  EISDIR: 'it is a folder and no file',
  ELOOP: 'its symbolic links lead in a circle',
  ENAMETOOLONG: 'its name is too long',
  EMFILE: 'too many files are open',
  EPIPE: 'its reader is gone',
}
