import { problemsOf, textOf } from '@boxoffice/common/doctor/finding.ts'
import { examineFolder } from '../doctor/examine-folder.ts'
import type { LocalPostgres } from '../doctor/examine-owner.ts'
import { Refusal } from './refusal.ts'

/** @throws Refusal that says why this folder cannot keep data, logs and keys */
export async function refuseFolder(dir: string, postgres: LocalPostgres): Promise<void> {
  const problems = problemsOf(await examineFolder(dir, postgres))
  if (problems.length > 0) throw new Refusal(problems.map(textOf).join('\n'))
}
