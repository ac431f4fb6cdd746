import { fixedPorts, namedPorts } from '../../scripts/platform/port-layout.ts'
import { isPortFree } from '../../scripts/platform/ports.ts'

/** A base port with all its ports free, below the range of outgoing connections, as in scripts/platform/ports.ts. */
export async function freePortBase(): Promise<number> {
  for (let attempt = 0; attempt < 100; attempt++) {
    const base = 20_000 + 500 * Math.floor(Math.random() * 23)
    const ports = namedPorts(fixedPorts(base, 1)).map(({ port }) => port)
    if ((await Promise.all(ports.map(isPortFree))).every(Boolean)) return base
  }
  throw new Error('no range of free ports')
}
