/// libcurl for Swift.
///
/// libcurl sets and gets its options by functions of variable arguments, which Swift does not
/// import. Each function here passes one argument of one type on to one of them; which type an
/// option takes stands in libcurl's manual.

#ifndef CCURL_H
#define CCURL_H

#include <curl/curl.h>

/// Loads all that libcurl needs; not safe beside other threads that use it.
static inline CURLcode ccurl_global_init(void) { return curl_global_init(CURL_GLOBAL_DEFAULT); }

/// The version that the program runs with, such as "libcurl/7.88.1 ...".
static inline const char *ccurl_version(void) { return curl_version(); }

/// Sets an option that takes a number or a flag.
static inline CURLcode ccurl_set_long(CURL *handle, CURLoption option, long value) {
  return (curl_easy_setopt)(handle, option, value);
}

/// Sets an option that takes a size, such as CURLOPT_POSTFIELDSIZE_LARGE.
static inline CURLcode ccurl_set_size(CURL *handle, CURLoption option, curl_off_t value) {
  return (curl_easy_setopt)(handle, option, value);
}

/// Sets an option that takes a string, which libcurl copies.
static inline CURLcode ccurl_set_string(CURL *handle, CURLoption option, const char *value) {
  return (curl_easy_setopt)(handle, option, value);
}

/// Sets an option that takes a pointer, such as CURLOPT_WRITEDATA or CURLOPT_COPYPOSTFIELDS.
static inline CURLcode ccurl_set_pointer(CURL *handle, CURLoption option, const void *value) {
  return (curl_easy_setopt)(handle, option, value);
}

/// Sets an option that takes a list of strings, which must live as long as the transfer.
static inline CURLcode ccurl_set_list(
    CURL *handle, CURLoption option, const struct curl_slist *value) {
  return (curl_easy_setopt)(handle, option, value);
}

/// Sets the function that is given each piece of the response's body.
static inline CURLcode ccurl_set_write_function(CURL *handle, curl_write_callback function) {
  return (curl_easy_setopt)(handle, CURLOPT_WRITEFUNCTION, function);
}

/// Sets the function that is given each line of the response's head.
static inline CURLcode ccurl_set_header_function(CURL *handle, curl_write_callback function) {
  return (curl_easy_setopt)(handle, CURLOPT_HEADERFUNCTION, function);
}

/// Gets a number about the last transfer.
static inline CURLcode ccurl_get_long(CURL *handle, CURLINFO info, long *value) {
  return (curl_easy_getinfo)(handle, info, value);
}

/// Gets a time or a rate of the last transfer.
static inline CURLcode ccurl_get_double(CURL *handle, CURLINFO info, double *value) {
  return (curl_easy_getinfo)(handle, info, value);
}

/// Gets a string about the last transfer, which lives until the next one.
static inline CURLcode ccurl_get_string(CURL *handle, CURLINFO info, const char **value) {
  return (curl_easy_getinfo)(handle, info, value);
}

/// The result of a transfer that has ended, or -1 if the message says something else.
static inline int ccurl_result(const CURLMsg *message) {
  return message->msg == CURLMSG_DONE ? (int)message->data.result : -1;
}

#endif
