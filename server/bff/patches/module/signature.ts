import { ContentInfo, id_signedData, SignedData, type SignerIdentifier } from '@peculiar/asn1-cms'
import { AsnConvert } from '@peculiar/asn1-schema'
import type { ModuleFacts } from '@rebootless/shared/contract/module-facts.ts'
import { type ModuleFile, refused } from './module-file.ts'

type Signature = NonNullable<ModuleFacts['signature']>

/** MODULE_SIG_STRING, include/linux/module_signature.h; before it `struct module_signature`, before that the signature. */
const MARK = Buffer.from('~Module signature appended~\n')
const TRAILER_BYTES = 12
/** PKEY_ID_PKCS7, the one kind that kernels since 4.3 take. */
const PKCS7 = 2
/** Many times what certificates and a signature take together. */
const SIGNATURE_BYTES_MAX = 64 * 1024
const NOT_SHOWN: Signature = { signer: null, keyId: null, hash: null, algorithm: null }

const HASHES = new Map([
  ['1.3.14.3.2.26', 'sha1'],
  ['2.16.840.1.101.3.4.2.4', 'sha224'],
  ['2.16.840.1.101.3.4.2.1', 'sha256'],
  ['2.16.840.1.101.3.4.2.2', 'sha384'],
  ['2.16.840.1.101.3.4.2.3', 'sha512'],
  ['2.16.840.1.101.3.4.2.8', 'sha3-256'],
  ['2.16.840.1.101.3.4.2.9', 'sha3-384'],
  ['2.16.840.1.101.3.4.2.10', 'sha3-512'],
])
/** By the beginning of its object identifier; what is not here is shown as the identifier. */
const ALGORITHMS = [
  ['1.2.840.113549.1.1.', 'rsa'],
  ['1.2.840.10045.', 'ecdsa'],
  ['2.16.840.1.101.3.4.3.17', 'ml-dsa-44'],
  ['2.16.840.1.101.3.4.3.18', 'ml-dsa-65'],
  ['2.16.840.1.101.3.4.3.19', 'ml-dsa-87'],
] as const
const COMMON_NAME = '2.5.4.3'
const ORGANISATION = '2.5.4.10'

/**
 * Who signed a module, as it says itself: nothing here checks the signature, for which one needs the kernel's keys. Null: it
 * bears none. The kernel takes what follows the last byte of the ELF file (kernel/module/signing.c, mod_verify_sig).
 * @throws DomainError `artefact_refused` when it is cut, since the kernel would not load it either
 */
export const readSignature = (file: ModuleFile): Signature | null => {
  if (file.size < MARK.length + TRAILER_BYTES) return null
  const trailerAt = file.size - MARK.length - TRAILER_BYTES
  const end = file.read(trailerAt, TRAILER_BYTES + MARK.length, 'signature')
  if (!end.subarray(TRAILER_BYTES).equals(MARK)) return null
  const bytes = end.readUInt32BE(8)
  if (bytes === 0 || bytes > trailerAt || bytes > SIGNATURE_BYTES_MAX) {
    throw refused('Its signature is cut or damaged: no kernel that reads signatures loads it.')
  }
  if (end[2] !== PKCS7) return NOT_SHOWN
  return signatureOf(file.read(trailerAt - bytes, bytes, 'signature'))
}

/** CMS, "SignedData" (RFC 5652, §5), as the kernel's scripts/sign-file.c makes it: one signer, no content. */
const signatureOf = (bytes: Buffer): Signature => {
  try {
    const info = AsnConvert.parse(bytes, ContentInfo)
    if (info.contentType !== id_signedData) return NOT_SHOWN
    const [signer, ...more] = AsnConvert.parse(info.content, SignedData).signerInfos
    if (signer === undefined || more.length > 0) return NOT_SHOWN
    return {
      ...signerOf(signer.sid),
      hash: HASHES.get(signer.digestAlgorithm.algorithm) ?? signer.digestAlgorithm.algorithm.slice(0, 32),
      algorithm: algorithmOf(signer.signatureAlgorithm.algorithm),
    }
  } catch {
    // What is wrong with it is the kernel's to say; that somebody signed it is all that can be shown.
    return NOT_SHOWN
  }
}

const algorithmOf = (identifier: string): string =>
  ALGORITHMS.find(([beginning]) => identifier.startsWith(beginning))?.[1] ?? identifier.slice(0, 32)

const signerOf = (identity: SignerIdentifier): Pick<Signature, 'signer' | 'keyId'> => {
  if (identity.subjectKeyIdentifier !== undefined) {
    return { signer: null, keyId: hex(identity.subjectKeyIdentifier.buffer) }
  }
  const { issuerAndSerialNumber } = identity
  if (issuerAndSerialNumber === undefined) return { signer: null, keyId: null }
  const named = (type: string) =>
    issuerAndSerialNumber.issuer
      .flatMap((part) => part.filter((one) => one.type === type))
      .at(0)
      ?.value.toString()
  const signer = named(COMMON_NAME) ?? named(ORGANISATION)
  return {
    signer: signer === undefined ? null : storable(signer.slice(0, 256)),
    keyId: hex(issuerAndSerialNumber.serialNumber),
  }
}

/** A name may be written in 16-bit units, of which not all make characters; a database keeps no zero. */
const storable = (text: string): string => Buffer.from(text).toString().replaceAll('\0', '\ufffd')

const hex = (bytes: ArrayBuffer): string | null => Buffer.from(bytes).toString('hex').slice(0, 128) || null
