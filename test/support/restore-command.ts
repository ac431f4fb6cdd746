import type { Backup } from './backup.ts'

/** The arguments of the command that restores a service from a minute before its backup was taken. */
export function commandFor({ service, takenAt }: Backup): string[] {
  const from = new Date(takenAt.getTime() - 60_000).toISOString()
  return ['restore', '--service', service, '--from', from, '-o', 'json']
}

/** The output of the command. */
export interface Receipt {
  readonly restore: Readonly<Record<string, unknown>>
  readonly replay: Readonly<Record<string, unknown>>
}
