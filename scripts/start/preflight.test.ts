import { once } from 'node:events'
import { createServer, type Server } from 'node:net'
import { expect } from 'chai'
import { repositoryDir } from '../platform/paths.ts'
import { fixedPorts } from '../platform/port-layout.ts'
import { freePorts } from '../platform/ports.ts'
import { diskProblem, javaProblem, mavenProblem, type PreflightOptions, preflight } from './preflight.ts'
import { Refusal } from './refusal.ts'

describe('the checks before a start', () => {
  let closedPort: number

  before(async () => {
    ;[closedPort = 0] = await freePorts(1)
  })

  it('accept Java 17 and later', () => {
    expect(javaProblem('openjdk version "17.0.15" 2025-04-15\nOpenJDK Runtime …')).to.equal(undefined)
    expect(javaProblem('java version "25" 2025-09-16')).to.equal(undefined)
  })

  it('explain how to get Java if there is none', () => {
    expect(javaProblem(undefined)).to.match(/^Java is missing.*apt install.*KAFKA_BROKERS/)
  })

  it('name the version of a Java that is too old', () => {
    expect(javaProblem('openjdk version "11.0.2" 2019-01-15')).to.match(/^Java 11\.0\.2 is too old/)
    expect(javaProblem('java version "1.8.0_392"')).to.match(/^Java 1\.8\.0_392 is too old/)
  })

  it('quote a Java that does not work, such as the stub of macOS', () => {
    expect(javaProblem('Unable to locate a Java Runtime.\n')).to.include('"Unable to locate a Java Runtime."')
  })

  it('explain how to get Maven if there is none', () => {
    expect(mavenProblem(undefined)).to.match(/^Maven is missing.*apt install maven/)
    expect(mavenProblem('Apache Maven 3.8.7')).to.equal(undefined)
  })

  it('report how much disk is free and how much is needed', () => {
    expect(diskProblem('/data', 0.5 * 1024 ** 3)).to.equal(
      'Only 0.5 GB of disk are free for /data: make room for 2.0 GB.',
    )
    expect(diskProblem('/data', 5 * 1024 ** 3)).to.equal(undefined)
  })

  describe('with a port in use', () => {
    let server: Server
    let port: number

    beforeEach(async () => {
      ;[port = 0] = await freePorts(1)
      server = createServer().listen(port, '127.0.0.1')
      await once(server, 'listening')
    })

    afterEach(() => server.close())

    it('name the port, its process, and what to do', async () => {
      const problem = await refusal({
        ports: { ...fixedPorts(61_000, 1), postgres: port },
        databaseUrl: undefined,
      })
      expect(problem).to.include(`Port ${port}, meant for PostgreSQL, is in use`)
      expect(problem).to.include('--port-base')
    })

    it('ignore it if a server of the user is used instead', async () => {
      const databaseUrl = `postgres://postgres@127.0.0.1:${closedPort}/postgres`
      const problem = await refusal({ ports: { ...fixedPorts(61_000, 1), postgres: port }, databaseUrl })
      expect(problem).not.to.include(`Port ${port}`)
    })
  })

  it('report which servers of the user do not answer', async () => {
    const problem = await refusal({
      ports: fixedPorts(61_000, 1),
      kafkaBrokers: [`127.0.0.1:${closedPort}`],
      databaseUrl: `postgres://postgres@127.0.0.1:${closedPort}/postgres`,
    })
    expect(problem).to.match(
      /Kafka cannot be used at 127\.0\.0\.1:\d+ \(connect ECONNREFUSED .*KAFKA_BROKERS/,
    )
    expect(problem).to.match(/PostgreSQL at 127\.0\.0\.1:\d+ cannot be used .*DATABASE_URL/)
  })
})

async function refusal(
  options: Partial<PreflightOptions> & Pick<PreflightOptions, 'ports'>,
): Promise<string> {
  try {
    await preflight({ dir: repositoryDir, kafkaBrokers: undefined, databaseUrl: undefined, ...options })
  } catch (error) {
    expect(error).to.be.instanceOf(Refusal)
    return String(error)
  }
  throw new Error('it was not refused')
}
