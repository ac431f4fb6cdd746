import { type Finding, problemsOf, textOf } from '@boxoffice/common/doctor/finding.ts'

/** A start that cannot be: its message is the one sentence that says why and what to do. No stack trace is shown. */
export class Refusal extends Error {
  override readonly name = 'Refusal'
}

/** @throws Refusal that says of each problem among them what was found, what is needed and what to do */
export function refuseProblems(findings: readonly Finding[]): void {
  const problems = problemsOf(findings)
  if (problems.length > 0) throw new Refusal(problems.map(textOf).join('\n'))
}
