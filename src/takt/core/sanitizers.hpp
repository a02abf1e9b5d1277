#pragma once

/// Which sanitizers this translation unit is compiled with, as 0 or 1: GCC and clang say it in different words.
#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define TAKT_ADDRESS_SANITIZER 1
#endif
#if __has_feature(thread_sanitizer)
#define TAKT_THREAD_SANITIZER 1
#endif
#endif
#if defined(__SANITIZE_ADDRESS__) && !defined(TAKT_ADDRESS_SANITIZER)
#define TAKT_ADDRESS_SANITIZER 1
#endif
#if defined(__SANITIZE_THREAD__) && !defined(TAKT_THREAD_SANITIZER)
#define TAKT_THREAD_SANITIZER 1
#endif
#ifndef TAKT_ADDRESS_SANITIZER
#define TAKT_ADDRESS_SANITIZER 0
#endif
#ifndef TAKT_THREAD_SANITIZER
#define TAKT_THREAD_SANITIZER 0
#endif

/// Either of them: memory and locks are then the sanitizer's.
#define TAKT_SANITIZED (TAKT_ADDRESS_SANITIZER || TAKT_THREAD_SANITIZER)
