import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { createKafka } from '@boxoffice/common/kafka/client.ts'
import { createTopics } from '@boxoffice/kafka'
import { expect } from 'chai'
import { type KafkaCluster, startKafka } from '../scripts/platform/kafka/cluster.ts'
import { repositoryDir } from '../scripts/platform/paths.ts'
import { freePorts } from '../scripts/platform/ports.ts'
import { type TemporaryFolder, temporaryFolder } from '../scripts/platform/temporary-folder.ts'
import { freePortBase } from './support/free-port-base.ts'
import { waitUntil } from './support/wait-until.ts'

/** The settings of the image apache/kafka, so that one broker is enough. */
const singleBrokerSettings = {
  'offsets.topic.replication.factor': '1',
  'transaction.state.log.replication.factor': '1',
  'transaction.state.log.min.isr': '1',
  'min.insync.replicas': '1',
  'default.replication.factor': '1',
}

describe("npm start on the user's own single broker", function () {
  this.timeout(180_000)
  let folder: TemporaryFolder
  let cluster: KafkaCluster
  let portBase: number
  let children: ChildProcess[] = []

  before(async () => {
    folder = await temporaryFolder()
    cluster = await startKafka({
      dataDir: path.join(folder.dir, 'own', 'data'),
      logDir: path.join(folder.dir, 'own', 'logs'),
      ports: await freePorts(1),
      controllerPorts: await freePorts(1),
      disposable: true,
      properties: singleBrokerSettings,
    })
    portBase = await freePortBase()
  })

  afterEach(async () => {
    for (const child of children) if (child.exitCode === null) child.kill('SIGKILL')
    children = []
  })

  after(async () => {
    await cluster?.stop()
    await folder?.remove()
  })

  it('is refused with sentences that say how to run on one broker', async () => {
    const { output, exitCode } = await end(start([]))
    expect(exitCode).to.equal(1)
    expect(output).to.match(/Kafka has 1 broker\. .*3 are needed\. .*--replication-factor 1/)
    expect(output).not.to.match(/^\s+at /m)
  })

  it('is refused by the doctor as well', async () => {
    const { output, exitCode } = await end(spawnNode(['scripts/boxoffice.ts', 'doctor']))
    expect(exitCode).to.equal(1)
    expect(output).to.match(/✘ Kafka has 1 broker\./)
  })

  it('comes up with one copy of each record, and says what that means', async () => {
    const child = start(['--replication-factor', '1'])
    const output = await outputUntil(child, /^ready in /m)
    expect(output).to.match(/^Warning: Each record is kept once: .* payments are lost/m)
    const doctor = await end(spawnNode(['scripts/boxoffice.ts', 'doctor']))
    expect(doctor.output).to.match(/! Each record is kept once/)
    expect(doctor.exitCode).to.equal(0)
    for (const name of ['payment', 'point', 'reservation']) {
      const log = path.join(folder.dir, 'logs', `${name}.log`)
      await waitUntil(`${name} says so`, async () =>
        /"component":"doctor".*Each record is kept once/.test(await readFile(log, 'utf8')),
      )
    }
    const exited = once(child, 'exit')
    child.kill('SIGINT')
    await exited
    expect(child.exitCode).to.equal(0)
  })

  it('is refused if existing topics have the wrong settings', async () => {
    const kafka = createKafka({ brokers: cluster.addresses, clientId: 'own-kafka-test' })
    const admin = kafka.admin()
    await admin.connect()
    await admin.deleteTopics({ topics: ['point-commands'] })
    await admin.disconnect()
    const config = { 'cleanup.policy': 'compact', 'message.timestamp.type': 'CreateTime' }
    await createTopics(kafka, [{ name: 'point-commands', partitions: 1, replicas: 1, config }])
    const { output, exitCode } = await end(start(['--replication-factor', '1']))
    expect(exitCode).to.equal(1)
    for (const setting of ['partitions=1', 'cleanup.policy=compact', 'message.timestamp.type=CreateTime']) {
      expect(output).to.include(`Topic point-commands has ${setting}.`)
    }
    expect(output).not.to.match(/^\s+at /m)
  })

  function start(args: readonly string[]): ChildProcess {
    return spawnNode(['scripts/start.ts', '--no-console', '--port-base', String(portBase), ...args])
  }

  function spawnNode(args: readonly string[]): ChildProcess {
    const { DATABASE_URL: _, ...env } = process.env
    const child = spawn(process.execPath, args, {
      cwd: repositoryDir,
      env: { ...env, KAFKA_BROKERS: cluster.addresses.join(','), BOXOFFICE_DIR: folder.dir },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    children.push(child)
    return child
  }
})

async function end(
  child: ChildProcess,
): Promise<{ readonly output: string; readonly exitCode: number | null }> {
  const read = collect(child)
  await once(child, 'close')
  return { output: read(), exitCode: child.exitCode }
}

async function outputUntil(child: ChildProcess, pattern: RegExp): Promise<string> {
  const read = collect(child)
  while (!pattern.test(read())) {
    if (child.exitCode !== null) throw new Error(`the process ended:\n${read()}`)
    await delay(50)
  }
  return read()
}

function collect(child: ChildProcess): () => string {
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (chunk: Buffer) => {
      output += chunk.toString()
    })
  }
  return () => output
}
