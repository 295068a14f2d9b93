/** docker-compose.yml and the Helm chart: that they are whole, hold no secret, and configure a gateway that would start. */
import { execFileSync } from "node:child_process";
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Ajv } from "ajv";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parse, parseAllDocuments } from "yaml";
import { loadConfig } from "../config/load.ts";
import { DETECTIONS } from "../privacy/index.ts";
import { render } from "./test/chart.ts";

const ROOT = join(import.meta.dirname, "../../..");
const read = (path: string): string => readFileSync(join(ROOT, path), "utf8");

/** Anything of a parsed document. */
type Node = { readonly [key: string]: Node } & readonly Node[] & string;

let dir: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), "sluice-deployment-"));
  cpSync(join(ROOT, "deploy/compose"), dir, { recursive: true, filter: (from) => !from.includes("secrets") });
  execFileSync("sh", [join(dir, "prepare.sh")], { stdio: "pipe" });
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

/** What a gateway would say to this file, with the paths of its container turned into ours. */
async function configOf(text: string, paths: Readonly<Record<string, string>>) {
  const file = join(dir, "sluice.yaml");
  writeFileSync(
    file,
    Object.entries(paths).reduce((each, [from, to]) => each.replaceAll(from, to), text),
  );
  return loadConfig({ file, detections: DETECTIONS });
}

describe("docker-compose.yml", () => {
  const compose = parse(read("docker-compose.yml"), { merge: true }) as Node;
  const services = compose["services"] as Node;

  it("has two gateways that differ in what is their own and in who comes first", () => {
    const [one, two] = [services["gateway-1"], services["gateway-2"]] as [Node, Node];
    const own = ({ volumes: _v, depends_on: _d, ...rest }: Record<string, Node>): object => rest;
    expect(own(two)).toEqual(own(one));
    const [first, second] = [one["volumes"], two["volumes"]] as [string[] & Node, string[] & Node];
    expect(second.map((each) => each.replace("gateway-2", "gateway-1"))).toEqual([...first]);
    expect(Object.keys(two["depends_on"] as Node)).toContain("gateway-1");
  });

  it.each(["gateway-1", "gateway-2", "balancer"])(
    "%s has a file system that is read-only, no capabilities, and no way to get any",
    (name) => {
      const service = services[name] as Node;
      expect(service["read_only"]).toBe(true);
      expect(service["cap_drop"]).toEqual(["ALL"]);
      expect(service["security_opt"]).toEqual(["no-new-privileges:true"]);
    },
  );

  it("names no network, volume, configuration or secret that is not there", () => {
    for (const [name, service] of Object.entries(services)) {
      for (const kind of ["networks", "secrets"]) {
        for (const each of service[kind] ?? []) expect(Object.keys(compose[kind] as Node), name).toContain(each);
      }
      for (const { source } of (service["configs"] ?? []) as unknown as Node[]) {
        expect(Object.keys(compose["configs"] as Node), name).toContain(source);
      }
      for (const volume of (service["volumes"] ?? []) as unknown as string[]) {
        expect(Object.keys(compose["volumes"] as Node), name).toContain(volume.split(":")[0]);
      }
    }
    for (const { file } of Object.values(compose["configs"] as Node))
      expect(statSync(join(ROOT, file as string)).isFile()).toBe(true);
  });

  it("holds no password; the script makes every secret that it names, and no two times the same", () => {
    const text = read("docker-compose.yml");
    expect(text).not.toMatch(/PASSWORD:|POSTGRES_HOST_AUTH_METHOD|:latest/);
    const made = readdirSync(join(dir, "secrets"));
    for (const { file } of Object.values(compose["secrets"] as Node)) {
      expect(made).toContain((file as string).replace("deploy/compose/secrets/", ""));
    }
    expect(statSync(join(dir, "secrets")).mode & 0o777).toBe(0o700);
    const password = readFileSync(join(dir, "secrets/database-password"), "utf8");
    expect(password).toMatch(/^[0-9a-f]{64}$/);
    execFileSync("sh", [join(dir, "prepare.sh")], { stdio: "pipe" });
    expect(readFileSync(join(dir, "secrets/database-password"), "utf8")).toBe(password);
    expect(read(".gitignore")).toContain("deploy/compose/secrets/");
  });

  it("configures gateways that would start: TLS on both sides, one log, one database", async () => {
    const secrets = join(dir, "secrets");
    const config = await configOf(read("deploy/compose/sluice.yaml"), {
      "/run/secrets/gateway-certificate": join(secrets, "gateway.crt"),
      "/run/secrets/gateway-key": join(secrets, "gateway.key"),
      "/run/secrets/database-url": join(secrets, "database-url"),
    });
    expect(config.evidence.shared).toEqual({ kind: "folder", dir: "/var/lib/sluice-log" });
    expect(config.listeners[0]?.tls).toBeDefined();
    expect(config.database.url?.reveal()).toMatch(
      /^postgres:\/\/sluice:[0-9a-f]{64}@database:5432\/sluice\?sslmode=verify-full&/,
    );
    const { volumes } = services["gateway-1"] as unknown as { readonly volumes: readonly string[] };
    const mounts = volumes.map((each) => each.split(":")[1]);
    expect(mounts).toEqual(
      expect.arrayContaining([config.evidence.dir, join(config.evidence.dir, "keys"), config.custody.dir]),
    );
    expect(mounts).toContain("/var/lib/sluice-log");
  });

  it("balances between the gateways that are ready, by certificates of the same authority", () => {
    const balancer = read("deploy/compose/haproxy.cfg");
    const servers = [...balancer.matchAll(/^ {2}server (\S+) (\S+):8787 verifyhost (\S+)$/gm)].map(
      ([, ...each]) => each,
    );
    expect(servers).toEqual(["gateway-1", "gateway-2"].map((name) => [name, name, name]));
    expect(balancer).toContain("option httpchk GET /ready");
    expect(balancer).toContain("check-ssl verify required");
    expect(balancer).toContain("mode tcp");
    for (const name of ["gateway", "database"]) {
      const certificate = join(dir, "secrets", `${name}.crt`);
      expect(
        execFileSync("openssl", ["verify", "-CAfile", join(dir, "secrets/ca.crt"), certificate]).toString(),
      ).toContain("OK");
    }
  });
});

describe("the Helm chart", () => {
  const chart = "deploy/helm/sluice";
  const defaults = parse(read(`${chart}/values.yaml`)) as Record<string, object>;
  const validate = new Ajv({ allErrors: true }).compile(JSON.parse(read(`${chart}/values.schema.json`)) as object);
  const yours = {
    ...defaults,
    image: { ...defaults["image"], repository: "registry.example/sluice", digest: `sha256:${"0".repeat(64)}` },
    config: {
      evidence: { origin: "sluice.example/log", public: true },
      purposes: { support: { dpv: "dpv:CustomerCare", basis: "eu-gdpr:A6-1-b", retention: "P30D" } },
      rehearsal: true,
    },
    database: { ...defaults["database"], secret: "sluice-database", caSecret: "database-ca" },
    tls: { secret: "sluice-tls" },
  };
  const rendered = (values: object): Node[] =>
    readdirSync(join(ROOT, chart, "templates")).flatMap((file) =>
      parseAllDocuments(render(read(`${chart}/templates/${file}`), { Values: values, Release: { Name: "gate" } }))
        .map((document) => {
          expect(document.errors, file).toEqual([]);
          return document.toJS() as Node | null;
        })
        .filter((each) => each !== null),
    );
  const one = (documents: readonly Node[], kind: string): Node => {
    const found = documents.find((each) => each["kind"] === kind);
    if (found === undefined) throw new Error(`there is no ${kind}`);
    return found;
  };

  it("has no default for what must be yours, and says what is missing", () => {
    expect(validate(defaults)).toBe(false);
    const missing = validate.errors?.map(({ instancePath }) => instancePath);
    expect(missing).toEqual(
      expect.arrayContaining(["/image/repository", "/image/digest", "/config", "/database/secret", "/tls/secret"]),
    );
    expect(validate(yours), JSON.stringify(validate.errors)).toBe(true);
    expect(validate({ ...yours, config: { ...yours.config, listeners: [] } })).toBe(false);
    expect(validate({ ...yours, replica: 3 })).toBe(false);
  });

  it("renders documents that belong together", () => {
    const documents = rendered(yours);
    expect(documents.map((each) => each["kind"]).toSorted()).toEqual([
      "ConfigMap",
      "NetworkPolicy",
      "PersistentVolumeClaim",
      "PersistentVolumeClaim",
      "PodDisruptionBudget",
      "Service",
      "Service",
      "StatefulSet",
    ]);
    const spec = one(documents, "StatefulSet")["spec"] as Node;
    const labels = spec["template"]?.["metadata"]?.["labels"];
    expect(spec["selector"]?.["matchLabels"]).toEqual(labels);
    expect(one(documents, "Service")["spec"]?.["selector"]).toEqual(labels);
    expect(one(documents, "PodDisruptionBudget")["spec"]?.["selector"]?.["matchLabels"]).toEqual(labels);
    expect(one(documents, "NetworkPolicy")["spec"]?.["podSelector"]?.["matchLabels"]).toEqual(labels);
    expect(documents.filter((each) => each["kind"] === "Service").map((each) => each["metadata"]?.["name"])).toContain(
      spec["serviceName"],
    );
    const pod = spec["template"]?.["spec"] as Node;
    const volumes = [
      ...(pod["volumes"] as unknown as Node[]),
      ...(spec["volumeClaimTemplates"] as unknown as Node[]).map(({ metadata }) => metadata as Node),
    ];
    const mounts = pod["containers"]?.[0]?.["volumeMounts"] as unknown as Node[];
    expect(new Set(mounts.map(({ name }) => name))).toEqual(new Set(volumes.map(({ name }) => name)));
    const claims = documents
      .filter((each) => each["kind"] === "PersistentVolumeClaim")
      .map((each) => each["metadata"]?.["name"]);
    for (const { persistentVolumeClaim } of volumes) {
      if (persistentVolumeClaim !== undefined) expect(claims).toContain(persistentVolumeClaim["claimName"]);
    }
  });

  it("runs gateways as nobody in particular, who may write to their volumes alone, and one after the other at the first start", () => {
    const spec = one(rendered(yours), "StatefulSet")["spec"] as Node;
    const pod = spec["template"]?.["spec"] as Node;
    const container = pod["containers"]?.[0] as Node;
    expect(spec["podManagementPolicy"]).toBe("OrderedReady");
    expect(pod["securityContext"]).toMatchObject({ runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } });
    expect(pod["automountServiceAccountToken"]).toBe(false);
    expect(container["securityContext"]).toEqual({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ["ALL"] },
    });
    for (const probe of ["startupProbe", "readinessProbe"]) {
      expect(container[probe]?.["httpGet"]).toEqual({ path: "/ready", port: "https", scheme: "HTTPS" });
    }
    expect(container["livenessProbe"]?.["httpGet"]?.["path"]).toBe("/health");
    expect(container["image"]).toBe(`registry.example/sluice@sha256:${"0".repeat(64)}`);
  });

  it("lets in and out what its values say, and nothing when there is no policy", () => {
    const policy = one(rendered(yours), "NetworkPolicy")["spec"] as Node;
    expect(policy["ingress"]).toEqual([{ ports: [{ port: 8787, protocol: "TCP" }], from: [{ podSelector: {} }] }]);
    expect((policy["egress"] as unknown as Node[]).map(({ ports }) => ports?.[0]?.["port"])).toEqual([53, 5432, 443]);
    const from = [{ namespaceSelector: { matchLabels: { team: "apps" } } }];
    const narrow = { ...yours, networkPolicy: { enabled: true, from, egress: [] } };
    expect(one(rendered(narrow), "NetworkPolicy")["spec"]?.["ingress"]?.[0]?.["from"]).toEqual(from);
    const off = rendered({ ...yours, networkPolicy: { enabled: false, from: [], egress: [] } });
    expect(off.some((each) => each["kind"] === "NetworkPolicy")).toBe(false);
  });

  it("configures gateways that would start", async () => {
    const text = one(rendered(yours), "ConfigMap")["data"]?.["sluice.yaml"] as string;
    const secrets = join(dir, "secrets");
    const config = await configOf(text, {
      "/etc/sluice/tls/tls.crt": join(secrets, "gateway.crt"),
      "/etc/sluice/tls/tls.key": join(secrets, "gateway.key"),
      "/etc/sluice/database/url": join(secrets, "database-url"),
    });
    expect(config.evidence).toMatchObject({
      dir: "/var/lib/sluice",
      origin: "sluice.example/log",
      public: true,
      shared: { kind: "folder", dir: "/var/lib/sluice-log" },
    });
  });
});
