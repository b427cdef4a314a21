/** Checks whether the mail server accepts mail: connects by TLS and logs in, but sends nothing. */
import { rootCertificates } from "node:tls";
import { reach } from "../../components/builds/programs/smtp.ts";
import { implicitTlsPort } from "../../components/kinds/notifications.ts";
import type { Check, Examined, Finding } from "./finding.ts";
import { bad, good, unchecked } from "./finding.ts";
import { notGiven } from "./given.ts";

/** In seconds. */
const timeout = 8;

export const mail: Check = async ({ settings, given }) => {
  if (settings.mail === undefined) return [];
  const { username } = settings.mail;
  const isLoginKnown = username === undefined || given.mail !== undefined;
  const server = await serverFinding(settings.mail, settings.network.ca, given.mail);
  return [server, ...(isLoginKnown ? [] : [notGiven("mail")])];
};

async function serverFinding(
  { host, port, username }: NonNullable<Examined["settings"]["mail"]>,
  authority: string | undefined,
  password: string | undefined,
): Promise<Finding> {
  const login = username === undefined || password === undefined ? undefined : { user: username, password };
  const { reason, isServerFault } = await reach({
    ...{ host, port, login, seconds: timeout, implicitTls: port === implicitTlsPort },
    ...(authority === undefined ? {} : { authorities: [...rootCertificates, authority] }),
  });
  const at = `${host}:${port.toString()}`;
  if (reason === "")
    return good(
      "mail",
      `${at} answers by TLS${login === undefined ? "" : ` and accepts the login of ${login.user}`}`,
    );
  if (isServerFault) return bad("mail", `${at} does not accept mail (${reason})`, fixOf(reason));
  const fix = "run the doctor in the cluster's network: some networks block outgoing mail";
  return unchecked("mail", `${at} does not answer from here (${reason})`, fix);
}

function fixOf(reason: string): string {
  return reason.includes("certificate")
    ? "add its CA to `network.ca`, or set `mail.host` to a name in its certificate"
    : "correct `mail` and `secrets.mail`";
}
