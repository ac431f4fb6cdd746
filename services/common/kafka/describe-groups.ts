import { AssignerProtocol } from 'kafkajs'
import type { TopicPartition } from './consumed-record.ts'
import type { Admin } from './create-client.ts'

export interface GroupDescription {
  readonly groupId: string
  /** The state in Kafka's words: `Stable`, `PreparingRebalance`, `Empty` and so on. */
  readonly state: string
  readonly members: readonly GroupMemberDescription[]
}

export interface GroupMemberDescription {
  readonly memberId: string
  readonly clientId: string
  readonly host: string
  readonly partitions: readonly TopicPartition[]
}

/** Describes the members of these groups and their partitions. Groups that Kafka does not know have no members. */
export async function describeGroups(admin: Admin, groupIds: readonly string[]): Promise<GroupDescription[]> {
  if (groupIds.length === 0) return []
  const { groups } = await admin.describeGroups([...groupIds])
  return groups.map(({ groupId, state, members }) => ({
    groupId,
    state,
    members: members.map(({ memberId, clientId, clientHost, memberAssignment }) => ({
      memberId,
      clientId,
      host: clientHost,
      partitions: partitionsOf(memberAssignment),
    })),
  }))
}

/** Empty while the member waits for a rebalance. */
function partitionsOf(assignment: Buffer): TopicPartition[] {
  if (assignment.length === 0) return []
  const decoded = AssignerProtocol.MemberAssignment.decode(assignment)
  return Object.entries(decoded?.assignment ?? {}).flatMap(([topic, partitions]) =>
    partitions.map((partition) => ({ topic, partition })),
  )
}
