/**
 * The pages a user meets while signing in. Each is a function from what it shows to a reply; none decides anything.
 */
import type { BrowserReply } from '../browser-exchange.js';
import type { Html } from './html.js';
import { html } from './html.js';
import { renderPage } from './layout.js';

/** Where every form of a sign-in goes; `flow` says which sign-in it belongs to. */
const ACTION = '/common/login';

function form(flow: string, content: Html): Html {
  return html`<form method="post" action="${ACTION}">
    <input type="hidden" name="flow" value="${flow}" />
    ${content}
  </form>`;
}

function problemText(problem: string | undefined): Html | undefined {
  return problem === undefined ? undefined : html`<p class="problem" role="alert">${problem}</p>`;
}

/** Stands after the primary button: Enter presses the first button of a form. The style shows them the other way round. */
const cancelButton = html`<button name="action" value="cancel" formnovalidate>Cancel</button>`;

export function signInPage(view: {
  readonly flow: string;
  readonly appName: string;
  readonly userName: string;
  readonly problem?: string | undefined;
}): BrowserReply {
  const body = html`<p>to continue to ${view.appName}</p>
    ${problemText(view.problem)}
    ${form(
      view.flow,
      html`<label for="login">Email address</label>
        <input
          type="text"
          id="login"
          name="login"
          autocomplete="username"
          required
          value="${view.userName}"
        />
        <label for="passwd">Password</label>
        <input type="password" id="passwd" name="passwd" autocomplete="current-password" required />
        <div class="actions">
          <button class="primary" name="action" value="sign-in">Sign in</button>
          ${cancelButton}
        </div>`,
    )}`;
  return renderPage({ name: 'sign-in', title: 'Sign in', body });
}

export function accountPicker(view: {
  readonly flow: string;
  readonly appName: string;
  readonly accounts: readonly string[];
}): BrowserReply {
  const accounts = view.accounts.map(
    (account) => html`<button class="account" name="account" value="${account}">${account}</button>`,
  );
  const body = html`<p>to continue to ${view.appName}</p>
    ${form(
      view.flow,
      html`${accounts}
        <button class="account" name="account" value="">Use another account</button>
        <div class="actions">${cancelButton}</div>`,
    )}`;
  return renderPage({ name: 'pick', title: 'Pick an account', body });
}

export function secondFactorPage(view: {
  readonly flow: string;
  readonly account: string;
  readonly code: string;
  readonly problem?: string | undefined;
}): BrowserReply {
  const body = html`<p>${view.account}</p>
    ${problemText(view.problem)}
    <p>A real tenant would send a code to your phone. The sandbox shows it: <output>${view.code}</output></p>
    ${form(
      view.flow,
      html`<label for="otc">Code</label>
        <input type="text" id="otc" name="otc" inputmode="numeric" autocomplete="one-time-code" required />
        <div class="actions">
          <button class="primary" name="action" value="verify">Verify</button>
          ${cancelButton}
        </div>`,
    )}`;
  return renderPage({ name: 'second-factor', title: 'Enter code', body });
}

export function confirmationPage(view: { readonly flow: string; readonly appName: string }): BrowserReply {
  const body = html`<p>Only continue if you started this sign-in yourself, on another device.</p>
    ${form(
      view.flow,
      html`<div class="actions">
        <button class="primary" name="action" value="continue">Continue</button>
        ${cancelButton}
      </div>`,
    )}`;
  return renderPage({ name: 'confirm', title: `Are you trying to sign in to ${view.appName}?`, body });
}

export function consentPage(view: {
  readonly flow: string;
  readonly appName: string;
  readonly account: string;
  readonly permissions: readonly string[];
  /** Offers an administrator to agree for everybody. */
  readonly mayConsentForAll: boolean;
}): BrowserReply {
  const forAll = view.mayConsentForAll
    ? html`<label>
        <input type="checkbox" name="for_all" value="1" /> Consent on behalf of your organization
      </label>`
    : undefined;
  const body = html`<p>${view.account}</p>
    <p><strong>${view.appName}</strong> would like to:</p>
    <ul>
      ${view.permissions.map((permission) => html`<li>${permission}</li>`)}
    </ul>
    ${form(
      view.flow,
      html`${forAll}
        <div class="actions">
          <button class="primary" name="action" value="accept">Accept</button>
          ${cancelButton}
        </div>`,
    )}`;
  return renderPage({ name: 'consent', title: 'Permissions requested', body });
}

export function adminApprovalPage(view: {
  readonly flow: string;
  readonly appName: string;
  readonly account: string;
}): BrowserReply {
  const body = html`<p>${view.account}</p>
    <p>
      ${view.appName} needs permission to access resources in your organization that only an administrator can
      grant. Ask an administrator to grant permission to this app before you can use it.
    </p>
    ${form(
      view.flow,
      html`<div class="actions">
        <button class="primary" name="action" value="return">Return to the application</button>
      </div>`,
    )}`;
  return renderPage({ name: 'admin-approval', title: 'Need admin approval', body });
}

export function deviceCodePage(view: {
  readonly userCode: string;
  readonly problem?: string | undefined;
}): BrowserReply {
  const body = html`<p>Enter the code displayed on your app or device.</p>
    ${problemText(view.problem)}
    <form method="post" action="/common/oauth2/deviceauth">
      <label for="otc">Code</label>
      <input type="text" id="otc" name="otc" autocomplete="off" required value="${view.userCode}" />
      <div class="actions"><button class="primary">Next</button></div>
    </form>`;
  return renderPage({ name: 'device-code', title: 'Enter code to allow access', body });
}

export function donePage(view: { readonly title: string; readonly text: string }): BrowserReply {
  return renderPage({ name: 'done', title: view.title, body: html`<p>${view.text}</p>` });
}

export function errorPage(view: { readonly error: string; readonly description: string }): BrowserReply {
  const body = html`<p>Sorry, but we’re having trouble signing you in.</p>
    <p class="problem" role="alert" data-error="${view.error}">${view.description}</p>`;
  return renderPage({ name: 'error', title: 'Sign in', body, status: 400 });
}

/** `response_mode=form_post`: posts itself where scripts run, and has a button where they do not. */
export function formPostPage(action: string, fields: URLSearchParams): BrowserReply {
  const inputs = [...fields].map(
    ([name, value]) => html`<input type="hidden" name="${name}" value="${value}" />`,
  );
  const body = html`<form method="post" action="${action}">
    ${inputs}
    <div class="actions"><button class="primary">Continue</button></div>
  </form>`;
  return renderPage({
    name: 'form-post',
    title: 'Working…',
    body,
    script: 'document.forms[0].submit();',
  });
}
