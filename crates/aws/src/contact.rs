//! When each service last answered: every SDK client notes it of each of its attempts.

use std::error::Error;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::Intercept;
use aws_smithy_runtime_api::client::interceptors::context::FinalizerInterceptorContextRef;
use aws_smithy_runtime_api::client::orchestrator::{HttpResponse, Metadata};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::ConfigBag;
use jiff::Timestamp;
use recovery::dependency::{Contact, Dependency};
use recovery::ids::{AccountId, Region};

use crate::ErrorKind;
use crate::error::{chain, kind_of, kind_of_credentials};

/// Services in Regions and accounts that are remembered: eight of them in 64 Regions and accounts. What comes later works,
/// and is not told of.
const DEPENDENCIES_MAX: usize = 512;

/// An error's code is looked for in so many bytes of an answer.
const CODE_WITHIN: usize = 4096;

/// What clients have seen. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub(crate) struct Contacts {
    known: Arc<Mutex<Vec<Known>>>,
}

#[derive(Clone, Debug)]
struct Known {
    service: &'static str,
    region: Region,
    account: Option<AccountId>,
    contact: Arc<Mutex<Contact>>,
}

impl Contacts {
    /// What a client of `service` is to be given. All clients of one service, Region and account share what they note.
    pub(crate) fn witness(
        &self,
        service: &'static str,
        region: &Region,
        account: Option<&AccountId>,
    ) -> Witness {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let is_same = |known: &&Known| {
            known.service == service && known.region == *region && known.account.as_ref() == account
        };
        if let Some(same) = known.iter().find(is_same) {
            let contact = Arc::clone(&same.contact);
            return Witness { contact };
        }
        let contact = Arc::default();
        if known.len() < DEPENDENCIES_MAX {
            known.push(Known {
                service,
                region: region.clone(),
                account: account.cloned(),
                contact: Arc::clone(&contact),
            });
        }
        Witness { contact }
    }

    /// Everything that was called.
    pub(crate) fn seen(&self) -> Vec<Dependency> {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known
            .iter()
            .map(|known| Dependency {
                service: known.service.to_owned(),
                region: known.region.clone(),
                account: known.account.clone(),
                contact: known
                    .contact
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .clone(),
            })
            .filter(|seen| seen.contact != Contact::default())
            .collect()
    }
}

/// Notes how each attempt of a client ended.
#[derive(Clone, Debug)]
pub(crate) struct Witness {
    contact: Arc<Mutex<Contact>>,
}

impl Witness {
    /// Notes a call that no interceptor sees.
    pub(crate) fn note<T, E: Error + 'static>(&self, operation: &str, answer: &Result<T, E>) {
        match answer {
            Ok(_) => self.contact().succeeded(Timestamp::now()),
            Err(error) => {
                let words = format!("{operation}: {}", chain(error));
                self.contact().failed(Timestamp::now(), &words, is_silence(error));
            }
        }
    }

    fn contact(&self) -> MutexGuard<'_, Contact> {
        self.contact.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Intercept for Witness {
    fn name(&self) -> &'static str {
        "last contact"
    }

    fn read_after_attempt(
        &self,
        context: &FinalizerInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let now = Timestamp::now();
        let operation = config.load::<Metadata>().map_or("a call", Metadata::name);
        let failure = match (context.output_or_error(), context.response()) {
            (Some(Ok(_)), _) => None,
            (_, Some(response)) => refusal(response),
            (Some(Err(error)), None) => Some((chain(error), is_silence(error))),
            // Neither an answer nor an error: the attempt was given up, and says nothing of the service.
            (None, None) => return Ok(()),
        };
        match failure {
            None => self.contact().succeeded(now),
            Some((words, silent)) => {
                self.contact()
                    .failed(now, &format!("{operation}: {words}"), silent);
            }
        }
        Ok(())
    }
}

/// Whether nothing came back, and it is not that there were no credentials to call with.
fn is_silence(error: &(dyn Error + 'static)) -> bool {
    kind_of_credentials(error) == ErrorKind::Unreachable
}

/// Why an answer is none: the caller is not let in, is too fast, or the service has a fault of its own. That something does
/// not exist, or is not as it was thought to be, is an answer.
fn refusal(response: &HttpResponse) -> Option<(String, bool)> {
    let status = response.status().as_u16();
    let code = code(response);
    match kind_of(code.as_deref(), Some(status)) {
        ErrorKind::AccessDenied | ErrorKind::Throttled | ErrorKind::Service => {
            Some((code.unwrap_or_else(|| format!("HTTP {status}")), false))
        }
        _ => None,
    }
}

/// The error's code, where AWS's protocols write it: a header of the JSON ones, or an element or member of the body.
fn code(response: &HttpResponse) -> Option<String> {
    let plain = |code: &str| {
        let code = code.rsplit('#').next().unwrap_or(code);
        let code = code.split(':').next().unwrap_or(code);
        let is_code = !code.is_empty() && code.len() <= 100;
        is_code.then(|| code.to_owned())
    };
    if let Some(code) = response.headers().get("x-amzn-errortype") {
        return plain(code);
    }
    let body = response.body().bytes()?;
    let text = String::from_utf8_lossy(&body[..body.len().min(CODE_WITHIN)]);
    let between = |before: &str, behind: char| {
        let (_, rest) = text.split_once(before)?;
        plain(rest.trim_start_matches([' ', ':', '"']).split(behind).next()?)
    };
    between("<Code>", '<').or_else(|| between("\"__type\"", '"'))
}
