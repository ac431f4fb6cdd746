import type { Setting } from '../config/settings.ts'

/**
 * Points at which a process can be made to die, for the fault tests: right before and right after each step that
 * another system sees. Messages are lost or doubled where a step was done and not reported, or reported and not
 * recorded.
 */
export const crashPoints = [
  /** COMMIT of any transaction: a call's, a timer's or the consumer's. */
  'commit:before',
  'commit:after',
  /** COMMIT of a transaction over consumed messages. */
  'consume:before-commit',
  'consume:after-commit',
  /** Commit of a consumer group's offsets, which only follow the stored positions. */
  'offset-commit:before',
  'offset-commit:after',
  /** One request to Kafka. */
  'produce:before',
  'produce:after',
  /** The log position that a relay confirms to PostgreSQL. */
  'confirm:before',
  'confirm:after',
  /** The deletion of published rows. */
  'delete:before',
  'delete:after',
] as const

export type CrashPoint = (typeof crashPoints)[number]

/** The process dies when `point` is reached for the `nth` time, counted from 1. */
export interface CrashPlan {
  readonly point: CrashPoint
  readonly nth: number
}

/** `CRASH_AT=produce:after:3`. Unset, as always in production, no point does anything. */
export const crashSettings = {
  crashAt: {
    variable: 'CRASH_AT',
    default: null,
    takes: `one of ${crashPoints.join(', ')}, then a colon and the how-manieth time`,
    parse: parsePlan,
  } satisfies Setting<CrashPlan | null> as Setting<CrashPlan | null>,
} as const

let armed: CrashPlan | null = null
let reached = 0

/** Arms the one crash point of this process, or none. */
export function armCrashPoint(plan: CrashPlan | null): void {
  armed = plan
  reached = 0
}

/** Ends this process as a power cut would, if this point is armed and its time has come; otherwise does nothing. */
export function crashPoint(point: CrashPoint): void {
  if (armed?.point !== point) return
  reached += 1
  if (reached === armed.nth) process.kill(process.pid, 'SIGKILL')
}

function parsePlan(text: string): CrashPlan {
  const [, name, digits] = /^([a-z:-]+):([1-9]\d{0,5})$/.exec(text) ?? []
  const point = crashPoints.find((known) => known === name)
  if (point === undefined) throw new Error('refused')
  return { point, nth: Number(digits) }
}
