import { examineFolder } from '../doctor/examine-folder.ts'
import type { LocalPostgres } from '../doctor/examine-owner.ts'
import { refuseProblems } from './refusal.ts'

/** @throws Refusal with the reason why this folder cannot store data, logs and keys */
export async function refuseFolder(dir: string, postgres: LocalPostgres): Promise<void> {
  refuseProblems(await examineFolder(dir, postgres))
}
