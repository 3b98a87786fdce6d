/**
 * Refusals about the tenant and the services in it. 9002331 is inferred as the mirror image of the documented 9002332.
 */
import type { RefusalTable } from './refusal.js';

export const TENANTS = {
  50001: {
    error: 'invalid_resource',
    status: 400,
    text: 'The resource named {resource} was not found in the tenant.',
  },
  50059: {
    error: 'invalid_request',
    status: 400,
    text: 'No tenant-identifying information found in either the request or implied by any provided credentials.',
  },
  50128: {
    error: 'invalid_request',
    status: 400,
    text: 'Invalid domain name: no tenant-identifying information found in either the request or implied by any provided credentials.',
  },
  50194: {
    error: 'invalid_request',
    status: 400,
    text: "Application '{app}'({name}) is not configured as a multi-tenant application. Usage of the /common endpoint is not supported for such apps created after '10/15/2018'. Use a tenant-specific endpoint or configure the application to be multi-tenant.",
  },
  90002: {
    error: 'invalid_request',
    status: 400,
    text: "Tenant '{tenant}' not found. Check to make sure you have the correct tenant ID and are signing into the correct cloud. Check with your subscription administrator, this may happen if there are no active subscriptions for the tenant.",
  },
  90019: {
    error: 'invalid_request',
    status: 400,
    text: 'No tenant-identifying information found in the request.',
  },
  90038: {
    error: 'invalid_request',
    status: 400,
    text: "The tenant '{tenant}' uses a national cloud and not this one.",
  },
  500011: {
    error: 'invalid_resource',
    status: 400,
    text: 'The resource principal named {resource} was not found in the tenant named {tenant}. This can happen if the application has not been installed by the administrator of the tenant or consented to by any user in the tenant. You might have sent your authentication request to the wrong tenant.',
  },
  500014: {
    error: 'invalid_resource',
    status: 400,
    text: "The service principal for resource '{resource}' is disabled. This indicates that a subscription within the tenant has lapsed, or that the administrator for this tenant has disabled the application.",
  },
  900023: {
    error: 'invalid_request',
    status: 400,
    text: "Specified tenant identifier '{tenant}' is neither a valid DNS name, nor a valid external domain.",
  },
  900382: {
    error: 'invalid_request',
    status: 400,
    text: 'Confidential Client is not supported in Cross Cloud request.',
  },
  900432: {
    error: 'invalid_request',
    status: 400,
    text: 'Confidential Client is not supported in Cross Cloud request.',
  },
  9001023: {
    error: 'invalid_request',
    status: 400,
    text: 'The grant type is not supported over the /common or /consumers endpoints. Please use the /organizations or tenant-specific endpoint.',
  },
  9002331: {
    error: 'invalid_request',
    status: 400,
    text: "Application '{app}'({name}) is configured for use by Microsoft Account users only. Please use the /consumers endpoint to serve this request.",
  },
  9002332: {
    error: 'invalid_request',
    status: 400,
    text: "Application '{app}'({name}) is configured for use by Azure Active Directory users only. Please do not use the /consumers endpoint to serve this request.",
  },
} as const satisfies RefusalTable;
