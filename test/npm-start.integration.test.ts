import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { createClient } from '@boxoffice/common/grpc/client.ts'
import { addDefectSource } from '@boxoffice/common/testing/defects.ts'
import { ReservationService } from '@boxoffice/proto/boxoffice/reservation/v1/reservation_service_pb.ts'
import { expect } from 'chai'
import { signToken } from '../scripts/platform/auth.ts'
import { repositoryDir } from '../scripts/platform/paths.ts'
import { fixedPorts, namedPorts } from '../scripts/platform/port-layout.ts'
import { isPortFree } from '../scripts/platform/ports.ts'
import { type RunFile, readRunFile } from '../scripts/platform/run-file.ts'
import { type TemporaryFolder, temporaryFolder } from '../scripts/platform/temporary-folder.ts'
import { freePortBase } from './support/free-port-base.ts'
import { readLogDefects } from './support/log-defects.ts'

describe('npm start', function () {
  this.timeout(300_000)
  let folder: TemporaryFolder
  let portBase: number
  let supervisor: ChildProcess | undefined
  let output = ''
  let forgetDefects: () => void

  before(async () => {
    folder = await temporaryFolder()
    forgetDefects = addDefectSource(readLogDefects(path.join(folder.dir, 'logs')))
    portBase = await freePortBase()
  })

  afterEach(async () => {
    if (supervisor) await stop(supervisor, 'SIGKILL')
    await nothingListens()
  })

  after(async () => {
    forgetDefects()
    await folder.remove()
  })

  it('restarts a killed service, ends all its processes on Ctrl-C, and starts again with the same data', async () => {
    const first = await start()
    const held = await withReservations(first, async (reservations) => {
      const [concert] = (await reservations.listConcerts({})).concerts
      const request = {
        requestId: crypto.randomUUID(),
        concertId: concert?.concertId ?? '',
        seats: ['A-1-1'],
      }
      return (await reservations.holdSeats(request)).reservation
    })

    const victim = first.processes.payment?.pid ?? 0
    process.kill(victim, 'SIGKILL')
    await until(() => output.includes('payment is back'), 'payment is started again')
    const pid = (await readRunFile(folder.dir))?.processes.payment?.pid
    expect(pid).to.be.a('number').and.not.to.equal(victim)

    expect(await stop(supervisor, 'SIGINT')).to.equal(0)
    expect(existsSync(path.join(folder.dir, 'run.json'))).to.equal(false)
    await nothingListens()

    const second = await start()
    const found = await withReservations(second, async (reservations) => {
      const { concerts } = await reservations.listConcerts({})
      expect(concerts, 'one demo concert').to.have.lengthOf(1)
      return (await reservations.getReservation({ reservationId: held?.reservationId ?? '' })).reservation
    })
    expect(found?.seats).to.deep.equal(['A-1-1'])

    const { code, stderr } = await startAnother()
    expect(code).to.equal(1)
    expect(stderr.trim()).to.match(/^Boxoffice is running in this checkout already \(process \d+\): .*Ctrl-C/)
    expect(await stop(supervisor, 'SIGINT')).to.equal(0)
  })

  async function start(): Promise<RunFile> {
    output = ''
    const child = spawnStart()
    supervisor = child
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on('data', (chunk: Buffer) => {
        output += chunk.toString()
      })
    }
    await until(() => /^ready in /m.test(output) || child.exitCode !== null, 'npm start is ready')
    const run = await readRunFile(folder.dir)
    if (!run) throw new Error(`npm start did not come up:\n${output}`)
    return run
  }

  async function startAnother(): Promise<{ code: number | null; stderr: string }> {
    const child = spawnStart()
    let stderr = ''
    child.stderr?.on('data', (chunk: Buffer) => {
      stderr += chunk.toString()
    })
    await once(child, 'close')
    return { code: child.exitCode, stderr }
  }

  function spawnStart(): ChildProcess {
    const { KAFKA_BROKERS: _, DATABASE_URL: __, ...env } = process.env
    return spawn(process.execPath, ['scripts/start.ts', '--port-base', String(portBase)], {
      cwd: repositoryDir,
      env: { ...env, BOXOFFICE_DIR: folder.dir },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
  }

  async function stop(child: ChildProcess | undefined, signal: NodeJS.Signals): Promise<number | null> {
    supervisor = undefined
    if (!child || child.exitCode !== null) return child?.exitCode ?? null
    const exited = once(child, 'exit')
    child.kill(signal)
    await exited
    return child.exitCode
  }

  async function nothingListens(): Promise<void> {
    const ports = namedPorts(fixedPorts(portBase, 1)).map(({ port }) => port)
    await until(
      async () => (await Promise.all(ports.map(isPortFree))).every(Boolean),
      'every port is free again',
    )
  }
})

async function withReservations<Result>(
  run: RunFile,
  use: (client: ReturnType<typeof createClient<(typeof ReservationService)['method']>>) => Promise<Result>,
): Promise<Result> {
  const token = await signToken(run.auth, { subject: 'alice' })
  const client = createClient(ReservationService, run.services.reservation.grpc[0] ?? '', {
    token: () => token,
  })
  try {
    return await use(client)
  } finally {
    client.close()
  }
}

async function until(condition: () => boolean | Promise<boolean>, what: string): Promise<void> {
  const deadline = Date.now() + 120_000
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`not in time: ${what}`)
    await delay(100)
  }
}
