import { readdir, readFile } from 'node:fs/promises'

/** The resources that a process and its descendants have used up to now. */
export interface Usage {
  /** User and system time on one core. */
  readonly cpuSeconds: number
  /** The resident memory; of several processes, with shared memory counted once. */
  readonly residentBytes: number
}

interface Stat {
  readonly pid: number
  readonly parent: number
  readonly cpuTicks: number
  /** The ticks of children that have ended and were waited for. */
  readonly endedChildrenTicks: number
  readonly residentPages: number
}

/** USER_HZ, which Linux fixes at 100 for /proc whatever the kernel's own tick is. */
const ticksPerSecond = 100
const pageBytes = 4096

/**
 * Reads the usage of each process with its descendants (PostgreSQL's sessions come and go), and `busySeconds`, the CPU
 * time of all processes of the machine. Linux only. @throws when a process has ended
 */
export async function readUsage(
  pids: ReadonlyMap<string, number>,
): Promise<{ byName: ReadonlyMap<string, Usage>; busySeconds: number }> {
  const [stats, busySeconds] = await Promise.all([readStats(), readBusySeconds()])
  const childrenOf = Map.groupBy(stats.values(), (stat) => stat.parent)
  const byName = new Map<string, Usage>()
  for (const [name, pid] of pids) {
    const root = stats.get(pid)
    if (!root) throw new Error(`${name} (process ${pid}) has ended`)
    // The descendants of this process are counted separately.
    const tree = pid === process.pid ? [{ ...root, endedChildrenTicks: 0 }] : treeOf(root, childrenOf)
    const ticks = tree.reduce((sum, stat) => sum + stat.cpuTicks + stat.endedChildrenTicks, 0)
    byName.set(name, { cpuSeconds: ticks / ticksPerSecond, residentBytes: await residentBytes(tree) })
  }
  return { byName, busySeconds }
}

function treeOf(root: Stat, childrenOf: ReadonlyMap<number, readonly Stat[]>): Stat[] {
  const tree = [root]
  for (const stat of tree) tree.push(...(childrenOf.get(stat.pid) ?? []))
  return tree
}

async function readStats(): Promise<Map<number, Stat>> {
  const pids = (await readdir('/proc')).filter((entry) => /^\d+$/.test(entry))
  const stats = await Promise.all(pids.map((pid) => readStat(Number(pid))))
  return new Map(stats.filter((stat) => stat !== undefined).map((stat) => [stat.pid, stat]))
}

async function readStat(pid: number): Promise<Stat | undefined> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')
  // The second field is the command in parentheses and may contain anything; `state`, the third, follows the last
  // parenthesis.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  if (fields.length < 22) return undefined
  const field = (number: number): number => Number(fields[number - 3])
  return {
    pid,
    parent: field(4),
    cpuTicks: field(14) + field(15),
    endedChildrenTicks: field(16) + field(17),
    residentPages: field(24),
  }
}

async function residentBytes(tree: readonly Stat[]): Promise<number> {
  const [only] = tree
  if (tree.length === 1 && only) return only.residentPages * pageBytes
  const shares = await Promise.all(
    tree.map(async ({ pid }) => {
      const text = await readFile(`/proc/${pid}/smaps_rollup`, 'utf8').catch(() => '')
      return Number(/^Pss: +(\d+) kB/m.exec(text)?.[1] ?? 0) * 1024
    }),
  )
  return shares.reduce((sum, share) => sum + share, 0)
}

/** The user, nice, system and interrupt time of all cores. */
async function readBusySeconds(): Promise<number> {
  const [line = ''] = (await readFile('/proc/stat', 'utf8')).split('\n')
  const [user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0] = line.split(/\s+/).slice(1).map(Number)
  return (user + nice + system + irq + softirq) / ticksPerSecond
}
