import type { Logger } from '@boxoffice/common/telemetry/log.ts'
import type { RelayMetrics } from './metrics.ts'
import { blockers, type Obstacle, sentenceOf } from './obstacles.ts'

/**
 * Reports what keeps a relay from its log or its rows: in the log when it changes and each minute, and in a metric.
 */
export class ObstacleReport {
  readonly #metrics: Pick<RelayMetrics, 'obstacle'>
  readonly #log: Logger
  #reported: { readonly text: string; readonly atMs: number } | undefined

  constructor(metrics: Pick<RelayMetrics, 'obstacle'>, log: Logger) {
    this.#metrics = metrics
    this.#log = log
  }

  /** @param details - for the log: what is missing, or the server's error */
  report(obstacle: Obstacle, details: { readonly slotName: string; readonly [name: string]: unknown }): void {
    this.#metrics.obstacle.reset()
    this.#metrics.obstacle.set({ reason: obstacle }, 1)
    const isBlocked = obstacle in blockers
    const consequence = isBlocked ? 'nothing is published' : 'publishing by scanning the table'
    const text = `${consequence}: ${sentenceOf(obstacle)}`
    const now = performance.now()
    if (text === this.#reported?.text && now - this.#reported.atMs < repeatMs) return
    this.#reported = { text, atMs: now }
    this.#log[isBlocked ? 'error' : 'warn']({ obstacle, ...details }, text)
  }

  clear(): void {
    this.#metrics.obstacle.reset()
    this.#reported = undefined
  }
}

const repeatMs = 60_000
