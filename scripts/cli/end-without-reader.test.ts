import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import { expect } from 'chai'
import { repositoryDir } from '../platform/paths.ts'

describe('npx boxoffice, if its output', () => {
  it('is not read to its end, ends silently and as SIGPIPE would end it', async () => {
    // The reader leaves while the command starts: one that read a line could find the rest in the pipe's buffer.
    const reader = '{ exec <&-; echo left; }'
    const { stdout, stderr } = await shell(
      `"$NODE" scripts/boxoffice.ts --help | ${reader}; echo $PIPESTATUS`,
    )
    expect(stdout.trim().split('\n')).to.have.length(2)
    expect(stdout).to.match(/^141$/m)
    expect(stderr).to.equal('')
  })

  // Other systems have no such file.
  if (existsSync('/dev/full')) {
    it('cannot be written, reports it in a sentence and ends with 1', async () => {
      for (const command of ['--help', 'doctor -o json', 'verify --help']) {
        const { stdout, stderr } = await shell(`"$NODE" scripts/boxoffice.ts ${command} > /dev/full; echo $?`)
        expect(stdout, command).to.equal('1\n')
        expect(stderr).to.match(/^error: Standard output cannot be written to: .*\(ENOSPC\)$/m)
        expect(stderr).not.to.match(/^\s+at /m)
      }
    })

    it('and its errors cannot be written, ends with 1', async () => {
      const { stdout } = await shell(
        'exec 3>&1; "$NODE" scripts/boxoffice.ts --help > /dev/full 2> /dev/full; echo $? >&3',
      )
      expect(stdout).to.equal('1\n')
    })
  }

  it('is closed, ends as usual', async () => {
    const { stdout, stderr } = await shell('exec 3>&1; "$NODE" scripts/boxoffice.ts --help >&-; echo $? >&3')
    expect(stdout).to.equal('0\n')
    expect(stderr).to.equal('')
  })
})

async function shell(script: string): Promise<{ readonly stdout: string; readonly stderr: string }> {
  return await promisify(execFile)('bash', ['-c', script], {
    cwd: repositoryDir,
    env: {
      ...process.env,
      NODE: process.execPath,
      BOXOFFICE_DIR: path.join(tmpdir(), 'boxoffice-nothing-runs'),
      KAFKA_BROKERS: '127.0.0.1:1',
    },
  })
}
