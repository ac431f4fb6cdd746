export const image = 'localhost/boxoffice'

/** The values of every install and upgrade, as arguments of helm. */
export const values = [
  ...['--set', 'tests.privateKeySecret=boxoffice-token-key,grpc.reflection=true'],
  // A test's customer holds one seat after another, and does not wait until each is sold.
  ...['--set-string', 'services.reservation.env.OPEN_HOLDS_PER_USER_MAX=1000'],
  // A node may report no disk, and then schedules no pod that requests some.
  ...['defaults', 'defaults.relay', 'migrations', 'tests'].flatMap((part) =>
    withoutDisk(`${part}.resources`),
  ),
]

/** The values that select an image by its tag. */
export const imageOf = (tag: string): string[] => [
  ...['--set', `image.repository=${image},image.pullPolicy=Never`],
  ...['--set-string', `image.tag=${tag}`],
]

/** The values that remove requests and limits of disk from these resources. */
export function withoutDisk(resources: string): string[] {
  const disk = ['requests', 'limits'].map((kind) => `${resources}.${kind}.ephemeral-storage=null`)
  return ['--set', disk.join(',')]
}
