"""The outputs' HTTP paths, below /api/."""

from django.urls import path

from outputs import views

urlpatterns = [
    path("outputs/", views.OutputsView.as_view()),
    path("outputs/<int:pk>/", views.OutputView.as_view()),
    path("outputs/<int:pk>/password/", views.PasswordView.as_view()),
    path("outputs/<int:pk>/test/", views.TestView.as_view()),
]
