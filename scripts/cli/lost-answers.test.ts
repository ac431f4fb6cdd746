import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer, type Http2Server, type IncomingHttpHeaders, type ServerHttp2Stream } from 'node:http2'
import type { AddressInfo } from 'node:net'
import path from 'node:path'
import { buffer } from 'node:stream/consumers'
import { expect } from 'chai'
import { repositoryDir } from '../platform/paths.ts'
import { explain } from './explain.ts'
import type { Failure } from './failure.ts'
import { createProgram } from './program.ts'

const script = path.join(repositoryDir, 'scripts', 'boxoffice.ts')
const id = '6fa459ea-ee8a-4ca4-894e-db77e160355e'

describe('a command that changes something and whose answer is lost', () => {
  let server: Http2Server
  let addresses: readonly string[]
  /** The method and the bytes of each call that changes something. */
  const changes: string[] = []
  const dropConnection = (stream: ServerHttp2Stream): void => stream.session?.destroy()
  let lose = dropConnection

  before(async () => {
    server = createServer().on('stream', serve)
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    addresses = at((server.address() as AddressInfo).port)
  })
  after(() => void server.close())

  for (const command of [
    ['charge', '5'],
    ['hold', 'A-1-1', '--concert', id],
    ['release', id],
    ['buy', 'A-1-1', '--concert', id],
    ['buy', '--reservation', id],
    ['payments', 'cancel', id],
    ['dead-letters', 'redrive', '--all'],
    ['dead-letters', 'redrive', id],
    ['dead-letters', 'discard', id, '--reason', 'a test'],
    ['replay', '--consumer', 'point', '--from', 'earliest'],
    ['replay', 'cancel', id],
    ['restore', '--service', 'point', '--from', '2026-11-23T14:00:00Z'],
  ]) {
    it(`shows how to repeat ${command.filter((part) => part !== id).join(' ')}, and that repeats it`, async () => {
      const failure = await failureOf(command, addresses)
      expect(failure.reason).to.equal('UNREACHABLE')
      expect(failure.message).to.contain('may have had its effect')
      const [, repeat = ''] = /(--request-id \S+):/.exec(failure.next.join('\n')) ?? []
      expect(repeat, failure.next.join('\n')).not.to.equal('')
      await failureOf([...command, ...repeat.split(' ')], addresses)
      const [first, second, ...others] = changes.splice(0)
      expect(first).to.equal(second).and.not.to.equal(undefined)
      expect(others).to.deep.equal([])
    })
  }

  it('has another id for another command', async () => {
    await failureOf(['charge', '5'], addresses)
    await failureOf(['charge', '5'], addresses)
    const [first, second] = changes.splice(0)
    expect(first).not.to.equal(second)
  })

  it('does not mention an effect of a call that was never sent', async () => {
    const failure = await failureOf(['charge', '5'], at(1))
    expect(failure.reason).to.equal('UNREACHABLE')
    expect(failure.message).not.to.contain('effect')
    expect(failure.next.join('\n')).to.contain('npm start').and.to.contain('--request-id')
  })

  it('shows how to repeat a call that Ctrl-C interrupted', async () => {
    let stderr = ''
    const cut = spawn(process.execPath, [script, 'charge', '5', ...addresses, '--token', 'any'])
    cut.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text
    })
    lose = () => void cut.kill('SIGINT')
    const [exitCode] = await once(cut, 'close')
    lose = dropConnection
    expect(exitCode).to.equal(130)
    expect(stderr).to.contain('may have had its effect')
    const [, requestId = ''] = /--request-id (\S+):/.exec(stderr) ?? []
    expect(Buffer.from(changes.splice(0).join().split(' ')[1] ?? '', 'hex').toString()).to.contain(requestId)
    expect(requestId).not.to.equal('')
  })

  /** Answers calls that only read, and drops the connection of calls that change something. */
  async function serve(stream: ServerHttp2Stream, headers: IncomingHttpHeaders): Promise<void> {
    stream.on('error', () => undefined)
    const method = String(headers[':path'])
    const request = await buffer(stream)
    if (!/\/(Get|List|DryRun)\w+$/.test(method)) {
      changes.push(`${method} ${request.toString('hex')}`)
      lose(stream)
      return
    }
    stream.respond({ 'content-type': 'application/grpc' }, { waitForTrailers: true })
    stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }))
    // The answer has the requested resource, with all fields at their defaults: it is the first field.
    stream.end(Buffer.from([0, 0, 0, 0, 2, 0x0a, 0]))
  }
})

function at(port: number): readonly string[] {
  return ['payment', 'point', 'reservation'].flatMap((name) => [`--${name}-address`, `127.0.0.1:${port}`])
}

async function failureOf(command: readonly string[], addresses: readonly string[]): Promise<Failure> {
  const { write } = process.stdout
  // The command's output would disturb that of the tests.
  process.stdout.write = () => true
  try {
    const program = createProgram(new AbortController().signal)
    await program.parseAsync([...command, ...addresses, '--token', 'any'], { from: 'user' })
  } catch (error) {
    return explain(error)
  } finally {
    process.stdout.write = write
  }
  throw new Error('it succeeded')
}
