/**
 * One kind of certificate, written in DER (ITU-T X.690) by hand: self-signed, for servers, ECDSA
 * with P-256. The packages for this bring two dozen others and every algorithm; this needs one.
 */
import { createHash, generateKeyPairSync, randomBytes, sign } from "node:crypto";
import type { TlsPair } from "./tls-pair.ts";

export interface SelfSignedProfile {
  readonly commonName: string;
  /** DNS names in ASCII. */
  readonly dnsNames: readonly string[];
  /** Addresses as their 4 or 16 octets. */
  readonly addresses: readonly Uint8Array[];
  readonly notBefore: Date;
  readonly notAfter: Date;
}

const TAG = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  objectIdentifier: 0x06,
  utf8String: 0x0c,
  utcTime: 0x17,
  generalizedTime: 0x18,
  sequence: 0x30,
  set: 0x31,
  dnsName: 0x82, // [2] and [7] of GeneralName
  ipAddress: 0x87,
  version: 0xa0, // [0] and [3] of TBSCertificate
  extensions: 0xa3,
} as const;

/** Object identifiers, encoded: RFC 5280 §4.2.1, RFC 5758 §3.2. */
const OID = {
  ecdsaWithSha256: "2a8648ce3d040302",
  commonName: "550403",
  subjectKeyIdentifier: "551d0e",
  keyUsage: "551d0f",
  subjectAltName: "551d11",
  basicConstraints: "551d13",
  extendedKeyUsage: "551d25",
  serverAuthentication: "2b06010505070301",
} as const;

/** Makes a key and a certificate for it (RFC 5280 §4.1), both in PEM. */
export function makeSelfSignedPair(profile: SelfSignedProfile): TlsPair {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const publicKeyInfo = publicKey.export({ type: "spki", format: "der" });
  const algorithm = der("sequence", oid("ecdsaWithSha256"));
  const name = der(
    "sequence",
    der("set", der("sequence", oid("commonName"), der("utf8String", Buffer.from(profile.commonName)))),
  );
  const toBeSigned = der(
    "sequence",
    der("version", der("integer", Uint8Array.of(2))), // v3
    der("integer", serialNumber()),
    algorithm,
    name,
    der("sequence", time(profile.notBefore), time(profile.notAfter)),
    name,
    publicKeyInfo,
    der("extensions", der("sequence", ...extensions(profile, publicKeyInfo))),
  );
  const certificate = der("sequence", toBeSigned, algorithm, bits(sign("sha256", toBeSigned, privateKey)));
  return {
    key: privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
    cert: pem(certificate),
  };
}

function extensions(profile: SelfSignedProfile, publicKeyInfo: Uint8Array): Uint8Array[] {
  const keyIdentifier = createHash("sha256").update(publicKeyInfo).digest().subarray(0, 20); // RFC 7093 §2
  return [
    extension("basicConstraints", der("sequence"), "critical"), // not an authority
    extension("keyUsage", der("bitString", Uint8Array.of(7, 0x80)), "critical"), // digitalSignature
    extension("extendedKeyUsage", der("sequence", oid("serverAuthentication"))),
    extension(
      "subjectAltName",
      der(
        "sequence",
        ...profile.dnsNames.map((name) => der("dnsName", Buffer.from(name, "ascii"))),
        ...profile.addresses.map((address) => der("ipAddress", address)),
      ),
    ),
    extension("subjectKeyIdentifier", der("octetString", keyIdentifier)),
  ];
}

function extension(name: keyof typeof OID, value: Uint8Array, critical?: "critical"): Uint8Array {
  const flag = critical ? [der("boolean", Uint8Array.of(0xff))] : [];
  return der("sequence", oid(name), ...flag, der("octetString", value));
}

/** Positive, and too random to be had twice (RFC 5280 §4.1.2.2). */
function serialNumber(): Uint8Array {
  const octets = randomBytes(16);
  octets[0] = 0x40 | ((octets[0] ?? 0) & 0x3f);
  return octets;
}

/** RFC 5280 §4.1.2.5: two digits for the year through 2049, four from 2050 on. */
function time(instant: Date): Uint8Array {
  const digits = `${instant.toISOString().replace(/\.\d+|\D/g, "")}Z`;
  return instant.getUTCFullYear() < 2050
    ? der("utcTime", Buffer.from(digits.slice(2)))
    : der("generalizedTime", Buffer.from(digits));
}

function bits(octets: Uint8Array): Uint8Array {
  return der("bitString", Uint8Array.of(0), octets);
}

function oid(name: keyof typeof OID): Uint8Array {
  return der("objectIdentifier", Buffer.from(OID[name], "hex"));
}

/** Tag, length in the fewest octets, contents (ITU-T X.690 §10.1). */
function der(tag: keyof typeof TAG, ...contents: readonly Uint8Array[]): Uint8Array {
  const body = Buffer.concat(contents);
  const length: number[] = [];
  for (let rest = body.length; rest > 0; rest >>>= 8) length.unshift(rest & 0xff);
  const prefix = body.length < 0x80 ? [body.length] : [0x80 | length.length, ...length];
  return Buffer.concat([Uint8Array.of(TAG[tag], ...prefix), body]);
}

function pem(certificate: Uint8Array): string {
  const lines =
    Buffer.from(certificate)
      .toString("base64")
      .match(/.{1,64}/g) ?? [];
  return ["-----BEGIN CERTIFICATE-----", ...lines, "-----END CERTIFICATE-----", ""].join("\n");
}
