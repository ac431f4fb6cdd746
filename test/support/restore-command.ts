import type { Backup } from './backup.ts'

/** Has a service restored from a moment before its backup was taken. */
export function commandFor({ service, takenAt }: Backup): string[] {
  const from = new Date(takenAt.getTime() - 60_000).toISOString()
  return ['restore', '--service', service, '--from', from, '-o', 'json']
}

/** What the command prints. */
export interface Receipt {
  readonly restore: Readonly<Record<string, unknown>>
  readonly replay: Readonly<Record<string, unknown>>
}
