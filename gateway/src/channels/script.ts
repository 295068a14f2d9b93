/**
 * The only script of this gateway's pages: it hands a question to the browser's WebAuthn and puts the answer in a form, which the
 * person sees sent. It fetches nothing and keeps nothing. Its file's name holds its hash, and the page's policy lets this very
 * file run and no other.
 */
import { createHash } from "node:crypto";

export const SCRIPT = `"use strict";
(() => {
  const form = document.querySelector("form[data-passkey]");
  const status = document.getElementById("passkey-status");
  const bytes = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (char) => char.charCodeAt(0));
  const text = (buffer) =>
    btoa(Array.from(new Uint8Array(buffer), (byte) => String.fromCharCode(byte)).join(""))
      .replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
  const ids = (list) => (list || []).map((each) => ({ ...each, id: bytes(each.id) }));
  if (!form || !window.PublicKeyCredential) {
    if (status) status.textContent = "This browser knows no passkeys. Use another one.";
    return;
  }
  let waiting = false;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    // A second question beside the first would end both.
    if (waiting) return;
    waiting = true;
    const options = JSON.parse(form.dataset.passkey);
    options.challenge = bytes(options.challenge);
    status.textContent = "Waiting for your passkey.";
    try {
      let credential;
      const response = {};
      if (options.user) {
        options.user.id = bytes(options.user.id);
        options.excludeCredentials = ids(options.excludeCredentials);
        credential = await navigator.credentials.create({ publicKey: options });
        response.attestationObject = text(credential.response.attestationObject);
        response.transports = credential.response.getTransports ? credential.response.getTransports() : [];
      } else {
        options.allowCredentials = ids(options.allowCredentials);
        credential = await navigator.credentials.get({ publicKey: options });
        response.authenticatorData = text(credential.response.authenticatorData);
        response.signature = text(credential.response.signature);
      }
      response.clientDataJSON = text(credential.response.clientDataJSON);
      const id = text(credential.rawId);
      form.elements.answer.value = JSON.stringify({ id, rawId: id, type: credential.type, response });
      form.submit();
    } catch (error) {
      waiting = false;
      status.textContent = "The passkey did not answer (" + error.name + "). Try again, or load the page again.";
    }
  });
})();
`;

const digest = createHash("sha256").update(SCRIPT).digest();
/** For the attribute `integrity` and the policy. */
export const SCRIPT_INTEGRITY = `sha256-${digest.toString("base64")}`;
export const SCRIPT_PATH = `/assets/passkeys-${digest.toString("hex").slice(0, 16)}.js`;
