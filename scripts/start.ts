import { rename, rm } from 'node:fs/promises'
import path from 'node:path'
import { textOf } from '@boxoffice/common/doctor/finding.ts'
import { askForConsoleLink } from './platform/console-link.ts'
import { isKafkaFetched, kafkaVersion } from './platform/kafka/fetch.ts'
import { stateDir } from './platform/paths.ts'
import { removeRunFile, writeRunFile } from './platform/run-file.ts'
import { dataDirOf, type System, startSystem } from './platform/system.ts'
import { systemErrorText } from './platform/system-error.ts'
import { createDemoConcert } from './start/demo-concert.ts'
import { explainFailure } from './start/explain-failure.ts'
import { followLogs } from './start/follow-logs.ts'
import { createLineWriter } from './start/line-writer.ts'
import { lockFolder } from './start/lock.ts'
import { readOptions, type StartOptions } from './start/options.ts'
import { localPostgresOf, preflight } from './start/preflight.ts'
import { createProgress } from './start/progress.ts'
import { refuseFolder } from './start/refuse-folder.ts'
import { stopOnSignal } from './start/stop-on-signal.ts'
import { summary } from './start/summary.ts'
import { supervise } from './start/supervise.ts'

// npm start: runs the whole system on this machine, until Ctrl-C.
const startedAt = performance.now()
const progress = createProgress(createLineWriter())
const stopping = stopOnSignal((text) => progress.say(text))

try {
  const options = readOptions(process.argv.slice(2), process.env)
  // Before anything is created in the folder.
  await refuseFolder(stateDir, localPostgresOf(options))
  const unlock = await lockFolder(stateDir, () =>
    progress.say('The last run is still being stopped: waiting for it …'),
  )
  try {
    await run(options)
  } finally {
    await removeRunFile()
    await unlock()
  }
  process.exit(0)
} catch (error) {
  if (stopping.aborted) process.exit(0)
  console.error(`\n${explainFailure(error)}`)
  process.exit(1)
}

async function run(options: StartOptions): Promise<void> {
  const { ports, kafkaBrokers, replicationFactor, databaseUrl, secure } = options
  const looked = progress.step('look around')
  const warnings = await preflight({
    dir: stateDir,
    ports,
    kafkaBrokers,
    replicationFactor,
    databaseUrl,
    secure,
  })
  looked(warnings.length === 0 ? 'nothing is in the way' : `continues; warnings: ${warnings.length}`)
  for (const warning of warnings) progress.say(`Warning: ${textOf(warning)}`)
  await prepareFolder(options)
  progress.say(`Starting Boxoffice in ${stateDir}`)
  if (!kafkaBrokers && !isKafkaFetched()) {
    progress.say(`  Kafka ${kafkaVersion} is fetched with Maven, only once: 43 MB`)
  }
  const system = await startSystem({
    dir: stateDir,
    ports,
    consoles: ports.console.length,
    secure,
    replicationFactor,
    signal: stopping,
    onStep: progress.step,
    ...(kafkaBrokers ? { kafkaBrokers } : {}),
    ...(databaseUrl ? { databaseUrl } : {}),
  })
  try {
    await serve(system, options)
  } finally {
    progress.stop()
    await system.stop()
    progress.say(`Stopped. The data stays in ${stateDir}; the next \`npm start\` continues with it.`)
  }
}

async function serve(system: System, options: StartOptions): Promise<void> {
  const started = new Date().toISOString()
  // One write after the other, because two processes that die at the same time change the file twice.
  let recorded = Promise.resolve()
  const recordRun = (): Promise<void> => {
    recorded = recorded.then(async () => {
      if (stopping.aborted) return
      await writeRunFile(describeRun(system, started, options)).catch((error: unknown) => {
        const why = systemErrorText(error)
        if (why === undefined) throw error
        progress.say(
          `run.json cannot be written: ${why}. Correct that: \`npx boxoffice\` finds only what ran before.`,
        )
      })
    })
    return recorded
  }
  for (const process of system.processes.values()) {
    supervise(process, { say: progress.say, onChange: () => void recordRun(), signal: stopping })
  }
  const done = options.demo ? progress.step('demo concert') : undefined
  const concert = options.demo ? await createDemoConcert(system.addresses, system.auth) : undefined
  done?.(concert?.title ?? '')
  await recordRun()
  progress.say(summary(system, stateDir, concert, await linksOf(system)))
  progress.say(`\nready in ${((performance.now() - startedAt) / 1000).toFixed(1)} s; Ctrl-C stops everything`)
  const unfollow = options.logs
    ? followLogs(system.processes.values(), process.stdout.isTTY && !process.env.NO_COLOR)
    : () => {}
  const keepAlive = setInterval(() => {}, 60_000)
  if (!stopping.aborted) {
    await new Promise((resolve) => stopping.addEventListener('abort', resolve, { once: true }))
  }
  clearInterval(keepAlive)
  unfollow()
  await recorded
}

/** A sign-in link for each process of the console; it works on this machine only. */
async function linksOf({ addresses, auth }: System): Promise<string[]> {
  const links = addresses.console.map(({ page }) => askForConsoleLink(page, auth))
  return (await Promise.all(links)).map(({ link }) => link)
}

async function prepareFolder(options: StartOptions): Promise<void> {
  if (options.fresh) await rm(dataDirOf(stateDir, options.secure), { recursive: true, force: true })
  const logs = path.join(stateDir, 'logs')
  await rm(`${logs}.previous`, { recursive: true, force: true })
  await rename(logs, `${logs}.previous`).catch(() => {
    // This is the first start: there are no logs.
  })
}

function describeRun(system: System, startedAt: string, { replicationFactor }: StartOptions) {
  const processes = [...system.processes.values()].map(
    (process) => [process.name, { pid: process.pid ?? null, logFile: process.spec.logFile }] as const,
  )
  return {
    startedAt,
    pid: process.pid,
    ...system.addresses,
    auth: system.auth,
    ...(replicationFactor === undefined ? {} : { replicationFactor }),
    processes: Object.fromEntries(processes),
  }
}
