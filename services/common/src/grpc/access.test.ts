import { CheckoutService } from '@boxoffice/proto/boxoffice/payment/v1/checkout_service_pb.ts'
import { type Access, AccessSchema, access } from '@boxoffice/proto/boxoffice/type/v1/access_pb.ts'
import { create, type DescMethod, setExtension } from '@bufbuild/protobuf'
import { MethodOptionsSchema } from '@bufbuild/protobuf/wkt'
import { expect } from 'chai'
import { contractServices } from '../testing/contract-services.ts'
import { accessOf } from './access.ts'

describe('the access of a method', () => {
  const { listPayments } = CheckoutService.method

  it('is declared in the contract of every method of every service', async () => {
    const services = await contractServices()
    expect(services.map(({ typeName }) => typeName)).to.include(CheckoutService.typeName)
    for (const method of services.flatMap(({ methods }) => methods)) accessOf(method)
  })

  it('needs an operator for every method of the services for operators', async () => {
    const admin = (await contractServices()).filter(({ typeName }) => typeName.startsWith('boxoffice.admin.'))
    expect(admin).to.have.lengthOf.at.least(4)
    for (const method of admin.flatMap(({ methods }) => methods)) {
      expect(accessOf(method), method.name).to.deep.include({ anyUser: false, roles: ['operator'] })
    }
  })

  it('must be declared, or the method is not served', () => {
    expect(() => accessOf(declaring(undefined))).to.throw('CheckoutService/ListPayments does not say')
  })

  it('is for any user or for roles, and never for neither or both', () => {
    for (const both of [{}, { anyUser: true, roles: ['admin'] }]) {
      expect(() => accessOf(declaring(create(AccessSchema, both)))).to.throw('one of the two')
    }
  })

  /** ListPayments with this access in its contract. */
  function declaring(value: Access | undefined): DescMethod {
    const options = create(MethodOptionsSchema)
    if (value !== undefined) setExtension(options, access, value)
    return { ...listPayments, proto: { ...listPayments.proto, options } } as DescMethod
  }
})
