import { type Finding, problemsOf, textOf } from '@boxoffice/common/doctor/finding.ts'

/** A start that is refused. Its message gives the reason and the advice in one sentence; no stack trace is shown. */
export class Refusal extends Error {
  override readonly name = 'Refusal'
}

/** @throws Refusal that reports for each problem what was found, what is needed and what to do */
export function refuseProblems(findings: readonly Finding[]): void {
  const problems = problemsOf(findings)
  if (problems.length > 0) throw new Refusal(problems.map(textOf).join('\n'))
}
