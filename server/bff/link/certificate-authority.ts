import 'reflect-metadata'
import { createHash, randomBytes, webcrypto, X509Certificate } from 'node:crypto'
import { join } from 'node:path'
import {
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  type Extension,
  KeyUsageFlags,
  KeyUsagesExtension,
  PemConverter,
  PublicKey,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509CertificateGenerator,
} from '@peculiar/x509'
import { SERVER_NAME } from '@rebootless/shared/domain/agent-link.ts'
import { createOnce, readPrivateFile } from './private-file.ts'

const ECDSA_P256 = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const
const DAY_MS = 24 * 60 * 60_000
const AUTHORITY_DAYS = 3650
const SERVER_DAYS = 30
const AGENT_CERTIFICATE_DAYS = 7
/** Agents judge these by their own clock, which may be a day behind (T21): that must be seen, not locked out. */
const BACKDATED_MS = 2 * DAY_MS
/** Agents' certificates are judged by backends' clocks, which only differ by seconds. */
const AGENT_BACKDATED_MS = 60_000

interface IssuedCertificate {
  readonly certificatePem: string
  /** SHA-256 of the DER, hex. */
  readonly fingerprint: string
  readonly expiresAt: Date
  /** SHA-256 of the key (SubjectPublicKeyInfo, DER), hex. */
  readonly keyFingerprint: string
  /** Fingerprint of the authority that signed it. */
  readonly authority: string
}

export interface CertificateAuthority {
  readonly certificatePem: string
  readonly certificate: X509Certificate
  /** SHA-256 of the certificate's DER, base64url: what join tokens carry. */
  readonly fingerprint: string
  /** serverAuth, one DNS name, with a key of its own that only lives in memory. */
  issueServerCertificate(now: Date): Promise<IssuedCertificate & { privateKeyPem: string }>
  /** clientAuth only, no DNS names, subject = the host's id; nothing comes from the host but its public key (T16). */
  issueAgentCertificate(request: {
    hostId: string
    /** SubjectPublicKeyInfo, DER. */
    publicKey: Buffer
    now: Date
    days?: number
  }): Promise<IssuedCertificate>
}

export const fingerprintOf = (certificate: X509Certificate): string =>
  createHash('sha256').update(certificate.raw).digest('hex')

/** SHA-256 of a key (SubjectPublicKeyInfo, DER), hex. */
export const keyFingerprintOf = (publicKey: Buffer): string => createHash('sha256').update(publicKey).digest('hex')

const serialNumber = (): string => {
  const bytes = randomBytes(16)
  bytes[0] = ((bytes[0] ?? 0) & 0x3f) | 0x40 // positive and of full length: RFC 5280, §4.1.2.2
  return bytes.toString('hex')
}

const createAuthority = async (name: string, now: Date): Promise<string> => {
  const keys = await webcrypto.subtle.generateKey(ECDSA_P256, true, ['sign', 'verify'])
  const certificate = await X509CertificateGenerator.createSelfSigned({
    serialNumber: serialNumber(),
    name: [{ CN: [name] }],
    notBefore: new Date(now.getTime() - BACKDATED_MS),
    notAfter: new Date(now.getTime() + AUTHORITY_DAYS * DAY_MS),
    signingAlgorithm: ECDSA_P256,
    keys,
    extensions: [
      new BasicConstraintsExtension(true, 0, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
      await SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  })
  const privateKey = await webcrypto.subtle.exportKey('pkcs8', keys.privateKey)
  return `${PemConverter.encode(privateKey, 'PRIVATE KEY')}\n${certificate.toString('pem')}\n`
}

const PEM_BLOCK = /-----BEGIN ([A-Z ]+)-----[A-Za-z0-9+/=\s]+-----END \1-----/g

/** Of the first authority; those that take its place are numbered, in file and name. */
export const FIRST_AUTHORITY = 1

export const authorityFile = (number: number): string =>
  `certificate-authority${number === FIRST_AUTHORITY ? '' : `-${number}`}.pem`

/** Names differ, since TLS finds the issuer of a certificate by name (RFC 5280, §6.1.3). */
const authorityName = (number: number): string => `Rebootless agents${number === FIRST_AUTHORITY ? '' : ` ${number}`}`

/**
 * Loads one of the built-in certificate authorities from the data directory, or makes it there. Key and certificate
 * share one file (0600), so that they come into being together; of several backends that start at once, one makes it.
 * Throws when the file is damaged or open to others.
 */
export const openCertificateAuthority = async (
  dataDirectory: string,
  now: Date,
  number = FIRST_AUTHORITY,
): Promise<CertificateAuthority> => {
  const known = await loadCertificateAuthority(dataDirectory, number)
  if (known !== undefined) return known
  const path = join(dataDirectory, authorityFile(number))
  return await authorityOf(path, await createOnce(path, await createAuthority(authorityName(number), now)))
}

/** Undefined when there is none of this number. */
export const loadCertificateAuthority = async (
  dataDirectory: string,
  number: number,
): Promise<CertificateAuthority | undefined> => {
  const path = join(dataDirectory, authorityFile(number))
  const text = await readPrivateFile(path)
  return text === undefined ? undefined : await authorityOf(path, text)
}

const authorityOf = async (path: string, text: string): Promise<CertificateAuthority> => {
  const blocks = [...text.matchAll(PEM_BLOCK)]
  const keyPem = blocks.find((block) => block[1] === 'PRIVATE KEY')?.[0]
  const certificatePem = blocks.find((block) => block[1] === 'CERTIFICATE')?.[0]
  if (keyPem === undefined || certificatePem === undefined) {
    throw new Error(`${path} is damaged: restore it from a backup, or remove it and enrol every host anew`)
  }
  const signingKey = await webcrypto.subtle.importKey('pkcs8', PemConverter.decodeFirst(keyPem), ECDSA_P256, false, [
    'sign',
  ])
  const authority = new X509Certificate(certificatePem)
  const fingerprint = createHash('sha256').update(authority.raw).digest('base64url')

  const issue = async (order: {
    commonName: string
    publicKey: PublicKey
    notBefore: Date
    notAfter: Date
    extensions: Extension[]
  }): Promise<IssuedCertificate> => {
    const certificate = await X509CertificateGenerator.create({
      serialNumber: serialNumber(),
      subject: [{ CN: [order.commonName] }],
      issuer: authority.subject,
      notBefore: order.notBefore,
      notAfter: order.notAfter,
      signingAlgorithm: ECDSA_P256,
      publicKey: order.publicKey,
      signingKey,
      extensions: [
        new BasicConstraintsExtension(false, undefined, true),
        new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
        ...order.extensions,
      ],
    })
    const issued = certificate.toString('pem')
    return {
      certificatePem: issued,
      fingerprint: fingerprintOf(new X509Certificate(issued)),
      expiresAt: certificate.notAfter,
      keyFingerprint: keyFingerprintOf(Buffer.from(order.publicKey.rawData)),
      authority: fingerprint,
    }
  }

  return {
    certificatePem,
    certificate: authority,
    fingerprint,
    issueServerCertificate: async (at) => {
      const keys = await webcrypto.subtle.generateKey(ECDSA_P256, true, ['sign', 'verify'])
      const issued = await issue({
        commonName: SERVER_NAME,
        publicKey: new PublicKey(await webcrypto.subtle.exportKey('spki', keys.publicKey)),
        notBefore: new Date(at.getTime() - BACKDATED_MS),
        notAfter: new Date(at.getTime() + SERVER_DAYS * DAY_MS),
        extensions: [
          new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth], true),
          new SubjectAlternativeNameExtension([{ type: 'dns', value: SERVER_NAME }]),
        ],
      })
      const privateKey = await webcrypto.subtle.exportKey('pkcs8', keys.privateKey)
      return { ...issued, privateKeyPem: PemConverter.encode(privateKey, 'PRIVATE KEY') }
    },
    issueAgentCertificate: (request) =>
      issue({
        commonName: request.hostId,
        publicKey: new PublicKey(request.publicKey),
        notBefore: new Date(request.now.getTime() - AGENT_BACKDATED_MS),
        notAfter: new Date(request.now.getTime() + (request.days ?? AGENT_CERTIFICATE_DAYS) * DAY_MS),
        extensions: [new ExtendedKeyUsageExtension([ExtendedKeyUsage.clientAuth], true)],
      }),
  }
}
