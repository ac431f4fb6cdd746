import { problemsOf, textOf } from '@boxoffice/common/doctor/finding.ts'
import { examineFolder } from '../doctor/examine-folder.ts'
import { Refusal } from './refusal.ts'

/** @throws Refusal that says why this folder cannot keep data, logs and keys */
export async function refuseFolder(dir: string): Promise<void> {
  const problems = problemsOf(await examineFolder(dir))
  if (problems.length > 0) throw new Refusal(problems.map(textOf).join('\n'))
}
