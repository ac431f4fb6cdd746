import type { Figures } from './compare.ts'

/** A line of JSON with unchecked content. */
type Json = Readonly<Record<string, unknown>>

/**
 * Extracts the comparable figures from a run's line of JSON: of this bench, of an earlier commit, which had no
 * `scenarios`, or of another saga engine. Figures of 0 are left out, because a ratio to 0 is undefined.
 */
export function comparableFigures(json: Json): Figures {
  return { ...known(engineFigures(json)), ...known(earlierFigures(json)), ...known(scenarioFigures(json)) }
}

function known(figures: Json): Figures {
  return Object.fromEntries(
    Object.entries(figures).filter((entry): entry is [string, number] => {
      const [, value] = entry
      return typeof value === 'number' && Number.isFinite(value) && value !== 0
    }),
  )
}

function scenarioFigures({ scenarios }: Json): Json {
  const figures: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(objectOf(scenarios))) {
    const scenario = objectOf(value)
    const brokers = objectOf(scenario.brokers)
    figures[secondName(name)] = scenario.perSecond
    Object.assign(
      figures,
      latencies(name, scenario.latencyMs),
      latencies(`${name}: answer`, scenario.answerMs),
    )
    for (const [part, ms] of Object.entries(objectOf(scenario.cpuMsPerCallByPart))) {
      figures[cpuName(name, part)] = ms
    }
    for (const kind of ['recordsPerAppend', 'partitionsPerProduce', 'cpuMsPerRequest']) {
      figures[`${name}: brokers, ${kind}`] = brokers[kind]
    }
    for (const [kind, count] of Object.entries(objectOf(brokers.requestsPerSecond))) {
      figures[`${name}: brokers, ${kind}/s`] = count
    }
  }
  return figures
}

function earlierFigures(json: Json): Json {
  const relay = objectOf(json.relay)
  return {
    [secondName('full')]: json.checkoutsPerSecond,
    ...latencies('rate', json.latencyMs),
    ...latencies('full', json.latencyAtFullMs),
    [secondName('relay')]: relay.rowsPerSecond,
    ...latencies('relay', { p50: relay.p50Ms, p99: relay.p99Ms }),
  }
}

/** The rate and burst of an engine, or the rows of a lone relay, whose line also has the number of inserts. */
function engineFigures(json: Json): Json {
  const isRelay = json.insertsPerSecond !== undefined
  const { throughput, cpuSecondsPerSaga } = json
  const byPart = objectOf(json.cpuMsPerSagaByPart)
  return {
    [secondName(isRelay ? 'relay' : 'burst')]: throughput,
    ...latencies(isRelay ? 'relay' : 'rate', json),
    [cpuName('burst', 'system')]:
      typeof cpuSecondsPerSaga === 'number' ? cpuSecondsPerSaga * 1000 : undefined,
    [cpuName('burst', 'postgres')]: byPart.postgres,
  }
}

function latencies(name: string, value: unknown): Json {
  const { p50, p99 } = objectOf(value)
  return { [`${name}: p50 ms`]: p50, [`${name}: p99 ms`]: p99 }
}

function secondName(scenario: string): string {
  return `${scenario}: a second`
}

function cpuName(scenario: string, part: string): string {
  return `${scenario}: CPU ms a call, ${part}`
}

function objectOf(value: unknown): Json {
  return typeof value === 'object' && value !== null ? (value as Json) : {}
}
